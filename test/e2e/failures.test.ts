import { describe, expect, it } from 'vitest';
import { buildHello } from '../support/demo/hello.ts';
import { blobs, flipByte, manifests, tooManyRequests } from '../support/registry/index.ts';
import { useStage } from './stage.ts';
import type { Workbench } from './vscode.ts';

const stage = useStage();

async function pull(window: Workbench, name: string): Promise<void> {
  await window.runCommand('Strata: Pull Image…');
  await window.typeInput(name);
}

describe('a pull that fails', () => {
  it('says that there is no such image, and leads to the log', async () => {
    const name = `${stage.host}/none/such:1.0`;
    const window = await stage.open();
    await pull(window, name);
    const notification = window.notification(`Pulling ${name} failed.`);
    await notification.waitFor();
    expect(await notification.textContent()).toContain(`${stage.host} has no image`);
    const row = window.treeItem(/^Pulling .*none\/such:1\.0 failed: /);
    await row.hover();
    await window.screenshot('failure-1-no-such-image');
    await notification.getByRole('button', { name: 'Show Log' }).click();
    await window.page.getByText(`[error] Pulling ${name} failed.`).first().waitFor();
    await window.screenshot('failure-2-log');
    await row.hover();
    await row.getByRole('button', { name: 'Dismiss Failed Pull' }).click();
    await window.page.getByText('There are no images yet.').waitFor();
  });

  it('says that nobody answers at that address', async () => {
    const window = await stage.open();
    await pull(window, 'localhost:1/some/thing:1');
    const notification = window.notification('localhost:1 refuses the connection');
    await notification.waitFor();
    for (const name of ['Retry', 'Open Settings', 'Show Log'])
      expect(await notification.getByRole('button', { name }).count()).toBe(1);
    await window.screenshot('failure-3-refused');
  });

  it('keeps nothing of wrong bytes, and pulls the right ones on retry', async () => {
    const name = await stage.push('failing/bytes', buildHello());
    const fault = stage.registry.faults.add({ match: blobs(), action: flipByte(40) });
    const window = await stage.open();
    await pull(window, name);
    const notification = window.notification('is not what was asked for');
    await notification.waitFor();
    await window.treeItem(/^Pulling .*failing\/bytes:latest failed: /).waitFor();
    await window.screenshot('failure-4-wrong-digest');
    expect(await stage.cli('images', '-q')).toBe('');
    fault.remove();
    await notification.getByRole('button', { name: 'Retry' }).click();
    await window.notification(`${name} was pulled.`).waitFor();
  });

  it('lets one sign in, and goes on', async () => {
    const name = await stage.push('failing/private', buildHello());
    await stage.registry.requireTokens({
      users: { ann: 'right' },
      allows: (user) => user !== undefined,
    });
    const window = await stage.open();
    await pull(window, name);
    const first = window.notification('without signing in');
    await first.waitFor();
    await window.screenshot('failure-5-sign-in');
    await first.getByRole('button', { name: 'Sign In' }).click();
    await signIn(window, 'ann', 'wrong');
    const second = window.notification('refuses your credentials');
    await second.waitFor();
    await window.screenshot('failure-6-wrong-password');
    await second.getByRole('button', { name: 'Try Again' }).click();
    await signIn(window, 'ann', 'right', 'failure-7-password');
    await window.notification(`${name} was pulled.`).waitFor();

    await window.runCommand('Strata: Sign Out of Registry…');
    await window.pickItem(stage.host);
    await window.page.keyboard.press('Enter');
    await stage.cli('rmi', name);
    await pull(window, name);
    await window.notification('without signing in').waitFor();
  });

  it('explains a limit that is used up', async () => {
    const name = await stage.push('failing/limited', buildHello());
    stage.registry.faults.add({ match: manifests(), action: tooManyRequests(3600) });
    const window = await stage.open();
    await pull(window, name);
    const notification = window.notification('limits requests');
    await notification.waitFor();
    for (const label of ['Sign In', 'Retry', 'Show Log'])
      expect(await notification.getByRole('button', { name: label }).count()).toBe(1);
    await window.screenshot('failure-8-limit');
  });
});

async function signIn(window: Workbench, user: string, password: string, picture?: string): Promise<void> {
  await window.inputMessage().filter({ hasText: 'User name' }).waitFor();
  await window.typeInput(user);
  await window.inputMessage().filter({ hasText: 'Password or access token' }).waitFor();
  expect(await window.input().getAttribute('type')).toBe('password');
  if (picture !== undefined) await window.screenshot(picture);
  await window.typeInput(password);
}

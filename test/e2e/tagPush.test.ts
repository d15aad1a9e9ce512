import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildHello } from '../support/demo/hello.ts';
import { buildWeb } from '../support/demo/web.ts';
import { createGate, holdUntil, requests, startRegistry } from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';
import { useStage } from './stage.ts';
import type { Workbench } from './vscode.ts';

const stage = useStage();

async function pulled(repository: string, image = buildHello(), tag = 'latest'): Promise<string> {
  const name = await stage.push(repository, image, tag);
  await stage.cli('pull', '-q', name);
  return name;
}

async function idOf(name: string): Promise<string> {
  return (await stage.cli('images', '-q', '--no-trunc', name)).trim();
}

describe('Tag…', () => {
  it('checks the name as it is typed, and gives the image another', async () => {
    const name = await pulled('tag/web', buildWeb('1.1'));
    const window = await stage.open();
    await window.contextMenu(window.treeItem(/^Image .*tag\/web/), 'Tag…');
    await expect.poll(() => window.input().inputValue()).toBe(name);
    await window.typeInput('My/Web', false);
    await window.inputMessage().filter({ hasText: 'must be lower case' }).waitFor();
    await window.screenshot('tag-1-invalid');
    await window.typeInput('my/web:1', false);
    await window.inputMessage().filter({ hasText: 'In full: docker.io/my/web:1' }).waitFor();
    await window.screenshot('tag-2-in-full');
    await window.page.keyboard.press('Enter');
    await window.treeItem(/^Image .*2 tags/).waitFor();
    expect(await idOf('my/web:1')).toBe(await idOf(name));
  });

  it('asks before it takes a name from another image', async () => {
    const name = await pulled('tag/hello');
    const other = await pulled('tag/other', buildWeb('1.1'));
    const before = await idOf(other);
    const window = await stage.open();
    await window.treeItem(/^Image .*tag\/hello/).waitFor();
    await window.runCommand('Strata: Tag…');
    await window.pickItem(name);
    await window.typeInput(other, false);
    await window.inputMessage().filter({ hasText: 'the only name of another image' }).waitFor();
    await window.screenshot('tag-3-taken');
    await window.page.keyboard.press('Enter');
    const dialog = window.dialog(`Move the tag ${other} to ${name}?`);
    await dialog.waitFor();
    await window.screenshot('tag-4-asks');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await idOf(other)).toBe(before);

    await window.contextMenu(window.treeItem(/^Image .*tag\/hello/), 'Tag…');
    await window.typeInput(other);
    await dialog.getByRole('button', { name: 'Move Tag' }).click();
    await expect.poll(() => idOf(other)).toBe(await idOf(name));
  });
});

/** The digest of a manifest as a registry tells it; undefined where it has none. */
async function digestAt(
  registry: TestRegistry,
  repository: string,
  tag: string,
): Promise<string | undefined> {
  const answer = await fetch(`${registry.url}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  });
  return answer.headers.get('docker-content-digest') ?? undefined;
}

async function signIn(window: Workbench, user: string, password: string): Promise<void> {
  await window.inputMessage().filter({ hasText: 'User name' }).waitFor();
  await window.typeInput(user);
  await window.inputMessage().filter({ hasText: 'Password or access token' }).waitFor();
  await window.typeInput(password);
}

describe('Push… and Copy to Registry…', () => {
  const web = buildWeb('1.1');
  let other: TestRegistry | undefined;
  const target = (): TestRegistry => {
    if (other === undefined) throw new Error('The other registry is there only while tests run');
    return other;
  };
  const host = (): string => `localhost:${target().port}`;
  beforeEach(async () => {
    other = await startRegistry();
  });
  afterEach(async () => {
    await other?.close();
  });

  it('pushes the chosen tags, shows each layer meanwhile, and gives the digest', async () => {
    const name = await pulled('push/web', web);
    for (const tag of ['1', '2']) await stage.cli('tag', name, `${host()}/team/web:${tag}`);
    const gate = createGate();
    const match = requests({ method: 'PATCH', path: /team\/web\/blobs\/uploads/ });
    const puts = requests({ method: 'PUT', path: /team\/web\/blobs\/uploads/ });
    for (const each of [match, puts]) target().faults.add({ match: each, action: holdUntil(gate.opened) });
    const window = await stage.open();
    await window.contextMenu(window.treeItem(/^Image .*3 tags/), 'Push…');
    await window
      .options()
      .filter({ hasText: `to ${host()}` })
      .first()
      .waitFor();
    for (const [tag, wanted] of [
      [name, false],
      [`${host()}/team/web:1`, true],
      [`${host()}/team/web:2`, true],
    ] as const) {
      const box = window.options().filter({ hasText: tag }).getByRole('checkbox');
      if ((await box.getAttribute('aria-checked')) !== String(wanted)) await box.click();
    }
    await window.screenshot('push-1-tags');
    await window.page.getByRole('button', { name: 'OK' }).click();
    await window.treeItem(/^Pushing 2 tags of .*team\/web/).waitFor();
    await window
      .treeItem(/^Layer [0-9a-f]{12}, (Pushing|Waiting|Preparing)/)
      .first()
      .waitFor();
    await window.statusItem(/Pushing 2 tags of .*team\/web/).waitFor();
    await window.screenshot('push-2-progress');
    gate.open();
    const notification = window.notification('2 tags were pushed');
    await notification.waitFor();
    await window.screenshot('push-3-done');
    for (const tag of ['1', '2'])
      expect(await digestAt(target(), 'team/web', tag)).toBe(web.manifest.descriptor.digest);
    await notification.getByRole('button', { name: 'Copy Digest' }).click();
    await expect.poll(() => window.clipboard()).toBe(web.manifest.descriptor.digest);
    await expect.poll(() => window.treeItem(/^Pushing/).count()).toBe(0);
  });

  it('is cancelled from its row', async () => {
    const name = await pulled('push/slow', web);
    await stage.cli('tag', name, `${host()}/slow/web:1`);
    await stage.cli('rmi', name);
    const gate = createGate();
    target().faults.add({ match: requests({ method: 'POST' }), action: holdUntil(gate.opened) });
    const window = await stage.open();
    await window.contextMenu(window.treeItem(/^Image .*slow\/web/), 'Push…');
    await window.options().first().waitFor();
    await window.page.keyboard.press('Enter');
    const row = window.treeItem(/^Pushing .*slow\/web:1/);
    await row.hover();
    await row.getByRole('button', { name: 'Cancel Transfer' }).click();
    await expect.poll(() => row.count()).toBe(0);
    gate.open();
    expect(await digestAt(target(), 'slow/web', '1')).toBeUndefined();
    expect(await window.notification('failed').count()).toBe(0);
  });

  it('lets one sign in where the registry refuses, and goes on', async () => {
    const name = await pulled('push/private', web);
    await stage.cli('tag', name, `${host()}/private/web:1`);
    await stage.cli('rmi', name);
    target().requireBasic({ ann: 'right' });
    const window = await stage.open();
    await window.treeItem(/^Image .*private\/web/).waitFor();
    await window.runCommand('Strata: Push…');
    await window.pickItem(`${host()}/private/web:1`);
    await window
      .options()
      .filter({ hasText: `to ${host()}` })
      .waitFor();
    await window.page.keyboard.press('Enter');
    const notification = window.notification(`Pushing ${host()}/private/web:1 failed.`);
    await notification.waitFor();
    expect(await notification.textContent()).toContain(`${host()} does not let you push`);
    await window.screenshot('push-4-refused');
    await notification.getByRole('button', { name: 'Sign In' }).click();
    await signIn(window, 'ann', 'right');
    await window.notification(`${host()}/private/web:1 was pushed.`).waitFor();
  });

  it('explains what a name without a host means', async () => {
    const name = await pulled('push/hub', web);
    await stage.cli('tag', name, 'hello:1');
    await stage.cli('rmi', name);
    const window = await stage.open();
    await window.contextMenu(window.treeItem(/^Image hello:1/), 'Push…');
    await window.options().filter({ hasText: 'to Docker Hub, as docker.io/library/hello' }).waitFor();
    await window.screenshot('push-5-docker-hub');
    await window.page.keyboard.press('Escape');
  });

  it('copies an image under another name, tags nothing in the store, and remembers the place', async () => {
    const name = await pulled('copy/web', web);
    const window = await stage.open();
    await window.contextMenu(window.treeItem(/^Image .*copy\/web/), 'Copy to Registry…');
    await window.typeInput(`${host()}/copied/web:3`, false);
    await window
      .inputMessage()
      .filter({ hasText: `To ${host()}, as` })
      .waitFor();
    await window.screenshot('copy-1-name');
    await window.page.keyboard.press('Enter');
    await window.notification(`${host()}/copied/web:3 is in the registry.`).waitFor();
    await window.screenshot('copy-2-done');
    expect(await digestAt(target(), 'copied/web', '3')).toBe(web.manifest.descriptor.digest);
    expect(await stage.cli('images', '-q')).toBe(`${(await stage.cli('images', '-q', name)).trim()}\n`);

    // The place is remembered, for the next image.
    await window.runCommand('Strata: Copy to Registry…');
    await window.pickItem(name);
    await expect.poll(() => window.input().inputValue()).toBe(`${host()}/copied/web:latest`);
    await window.page.keyboard.press('Escape');
  });
});

import { describe, it } from 'vitest';
import { createGate, holdUntil, requests } from '../support/registry/index.ts';
import { useStage } from './stage.ts';
import type { Workbench } from './vscode.ts';

const stage = useStage();

async function signIn(window: Workbench, host: string, user: string, password: string): Promise<void> {
  await window.runCommand('Strata: Sign In to Registry…');
  await window.inputMessage().filter({ hasText: 'Host of the registry' }).waitFor();
  await window.typeInput(host);
  await window.inputMessage().filter({ hasText: 'User name' }).waitFor();
  await window.typeInput(user);
  await window.inputMessage().filter({ hasText: 'Password or access token' }).waitFor();
  await window.typeInput(password);
}

const SIGNED_IN = 'these credentials';

describe('signing in', () => {
  it('stores what could not be tried only if one says so', async () => {
    const window = await stage.open();
    await signIn(window, '127.0.0.1:1', 'ann', 'right');
    const warning = window.notification('The credentials could not be tried.');
    await warning.waitFor();
    await window.screenshot('sign-in-1-unreachable');
    await warning.getByRole('button', { name: 'Store Anyway' }).click();
    await window.statusItem(SIGNED_IN).waitFor();
    await window.runCommand('Strata: Sign Out of Registry…');
    await window.pickItem('127.0.0.1:1');
    await window.page.keyboard.press('Enter');
    await window.runCommand('Strata: Sign Out of Registry…');
    await window.notification('You are not signed in to any registry.').waitFor();
  });

  it('shows that the registry is asked, and stores nothing when that is cancelled', async () => {
    stage.registry.requireBasic({ ann: 'right' });
    const gate = createGate();
    stage.registry.faults.add({ match: requests({ path: /^\/v2\/$/ }), action: holdUntil(gate.opened) });
    const window = await stage.open();
    await signIn(window, stage.host, 'ann', 'right');
    const progress = window.notification(`Signing in to ${stage.host}…`);
    await progress.waitFor();
    await window.screenshot('sign-in-2-progress');
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await progress.waitFor({ state: 'hidden' });
    gate.open();
    await window.runCommand('Strata: Sign Out of Registry…');
    await window.notification('You are not signed in to any registry.').waitFor();
  });
});

import { access, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startCodeServer } from '../../scripts/support/codeServer.mjs';
import { vsixPath } from '../../scripts/support/vsix.mjs';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';
import { launchBrowser } from './browser.ts';
import { Workbench } from './vscode.ts';

/** All that such a machine has on its PATH: no Node. */
const COMMANDS = ['bash', 'cat', 'dirname', 'ls', 'readlink', 'sh', 'uname'];

/** A server of its own: one whose settings say where the images are. */
describe('the terminal of VS Code', () => {
  let home: TempFolder;
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startCodeServer>>;
  let workspace: string;
  let store: string;
  let count = 0;

  beforeAll(async () => {
    home = await tempFolder('strata-e2e-');
    workspace = join(home.path, 'workspace');
    store = join(home.path, 'images');
    const bin = join(home.path, 'bin');
    const machine = join(home.path, 'user/Machine');
    await Promise.all([workspace, bin, machine].map((path) => mkdir(path, { recursive: true })));
    // Of the machine, not of the person: a window of code-server is a remote one.
    await writeFile(join(machine, 'settings.json'), JSON.stringify({ 'strata.storePath': store }));
    await Promise.all(COMMANDS.map((command) => symlink(`/bin/${command}`, join(bin, command))));
    [browser, server] = await Promise.all([
      launchBrowser(),
      startCodeServer({
        home: home.path,
        extensions: [vsixPath],
        // Drawn as text, which the test can read.
        settings: { 'terminal.integrated.gpuAcceleration': 'off' },
        env: {
          STRATA_ROOT: undefined,
          DOCKER_CONFIG: join(home.path, 'docker'),
          XDG_CONFIG_HOME: join(home.path, 'config'),
          XDG_DATA_HOME: join(home.path, 'data'),
        },
      }),
    ]);
  });
  afterAll(async () => {
    await server.stop();
    await browser.close();
    await home.remove();
  });

  /** Types this into a new terminal. @returns the code with which it ends */
  async function codeOf(window: Workbench, commands: string): Promise<string> {
    const file = `code-${(count += 1)}.txt`;
    await window.runCommand('Terminal: Create New Terminal');
    const terminals = window.page.getByRole('textbox', { name: new RegExp(`^Terminal ${count}`) });
    await terminals.focus();
    await window.page.keyboard.type(`${commands}; echo $? > ${file}\n`);
    await expect.poll(() => read(join(workspace, file)), { timeout: 30_000 }).toMatch(/^\d+\n$/);
    return (await read(join(workspace, file))).trim();
  }

  it('has `strata`, without Node and with the settings of the window', async () => {
    const window = await Workbench.open(browser, { url: server.url, folder: workspace });
    // Nobody has opened Strata: it starts a moment after the window, and then new terminals have it.
    await expect.poll(() => codeOf(window, 'strata --version'), { timeout: 60_000 }).toBe('0');
    const name = `localhost:${new URL(`http://${inject('demoRegistry')}`).port}/demo/hello`;
    const path = `PATH="$(dirname "$(command -v strata)"):${join(home.path, 'bin')}"`;
    const commands = `${path}; command -v node strata > which.txt; strata pull ${name} && strata images`;
    expect(await codeOf(window, commands)).toBe('0');
    await window.page.getByText('Status: Downloaded newer image for').waitFor();
    await window.screenshot('terminal-1');
    expect(await read(join(workspace, 'which.txt'))).toMatch(/^\/.*strata-images\.strata-.*\/strata\n$/);
    await access(join(store, 'index.json'));
    await window.openView('Strata');
    await window.treeItem(/^Image .*demo\/hello:latest/).waitFor();
    await window.screenshot('terminal-2-view');
    await window.close();
  });
});

/** @returns '' for a file that is not there yet */
async function read(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '');
}

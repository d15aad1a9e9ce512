import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCodeServer } from '../../scripts/support/codeServer.mjs';
import { vsixPath } from '../../scripts/support/vsix.mjs';
import { buildHello } from '../support/demo/hello.ts';
import { pushImage } from '../support/pushImage.ts';
import { startRegistry } from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';
import { launchBrowser } from './browser.ts';
import { Workbench } from './vscode.ts';

/** A server of its own: the others trust every folder. */
describe('a folder that is not trusted', () => {
  let home: TempFolder;
  let browser: Browser;
  let registry: TestRegistry;
  let server: Awaited<ReturnType<typeof startCodeServer>>;
  let workspace: string;

  beforeAll(async () => {
    home = await tempFolder('strata-e2e-');
    workspace = join(home.path, 'workspace');
    await mkdir(join(workspace, '.vscode'), { recursive: true });
    [browser, registry, server] = await Promise.all([
      launchBrowser(),
      startRegistry(),
      startCodeServer({
        home: home.path,
        extensions: [vsixPath],
        trustAsks: true,
        env: {
          STRATA_ROOT: join(home.path, 'store'),
          DOCKER_CONFIG: join(home.path, 'docker'),
          XDG_CONFIG_HOME: join(home.path, 'config'),
        },
      }),
    ]);
  });
  afterAll(async () => {
    await server.stop();
    await registry.close();
    await browser.close();
    await home.remove();
  });

  it('can pull and look, but not say from where or to where', async () => {
    const mirror = await startRegistry();
    const host = `localhost:${registry.port}`;
    const settings = {
      'strata.storePath': join(workspace, 'stolen'),
      'strata.mirrors': { [host]: [mirror.url] },
    };
    await writeFile(join(workspace, '.vscode/settings.json'), JSON.stringify(settings));
    await pushImage(registry.url, 'trust/hello', 'latest', buildHello());

    const window = await Workbench.open(browser, { url: server.url, folder: workspace });
    await window.statusItem('Restricted Mode').waitFor();
    await window.openView('Strata');
    await window.runCommand('Strata: Pull Image…');
    await window.typeInput(`${host}/trust/hello:latest`);
    await window.notification('was pulled.').waitFor();
    await window.treeItem(/^Image .*trust\/hello:latest/).click();
    await window.webviewFrame().getByRole('heading', { level: 1 }).waitFor();
    await window.screenshot('trust-1-restricted');
    expect(mirror.requests).toEqual([]);
    expect(registry.requests.length).toBeGreaterThan(0);
    await window.close();
    await mirror.close();
  });
});

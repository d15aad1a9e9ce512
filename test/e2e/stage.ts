import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from 'vitest';
import { strata } from '../support/cli.ts';
import type { BuiltImage, BuiltIndex } from '../support/images.ts';
import { pushImage } from '../support/pushImage.ts';
import { startRegistry } from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';
import { launchBrowser } from './browser.ts';
import { Workbench } from './vscode.ts';
import type { WorkbenchOptions } from './vscode.ts';

interface WindowOptions extends Partial<Omit<WorkbenchOptions, 'folder'>> {
  /** Settings of the workspace. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** What a test plays on: windows, a registry of its own that can be told to fail, and a store that is empty at first. */
export interface Stage {
  readonly browser: Browser;
  readonly registry: TestRegistry;
  /** `localhost:PORT`, as a person writes it in a name. */
  readonly host: string;
  /** Pushes to the registry. @returns the name to pull: `localhost:PORT/REPOSITORY:TAG` */
  push(repository: string, image: BuiltImage | BuiltIndex, tag?: string): Promise<string>;
  /** Opens a window on a new folder, with the Strata view in front. It is closed when the test ends. */
  open(options?: WindowOptions): Promise<Workbench>;
  /** Runs the command line on the store of the server, as a terminal elsewhere does. @returns stdout */
  cli(...args: readonly string[]): Promise<string>;
}

/** Sets a stage up for the tests of a file, and in order again before each. */
export function useStage(): Stage {
  let browser: Browser | undefined;
  let registry: TestRegistry | undefined;
  let folder: TempFolder | undefined;
  let windows: Workbench[] = [];
  let count = 0;

  const stage: Stage = {
    get browser() {
      return present(browser);
    },
    get registry() {
      return present(registry);
    },
    get host() {
      return `localhost:${stage.registry.port}`;
    },
    async push(repository, image, tag = 'latest') {
      await pushImage(stage.registry.url, repository, tag, image);
      return `${stage.host}/${repository}:${tag}`;
    },
    async open({ settings = {}, ...options } = {}) {
      count++;
      const workspace = join(present(folder).path, `project-${count}`);
      await mkdir(join(workspace, '.vscode'), { recursive: true });
      await writeFile(join(workspace, '.vscode/settings.json'), JSON.stringify(settings));
      const window = await Workbench.open(stage.browser, {
        url: inject('vscodeUrl'),
        ...options,
        folder: workspace,
      });
      windows.push(window);
      await window.openView('Strata');
      return window;
    },
    async cli(...args) {
      const { code, stdout, stderr } = await strata(args, { root: inject('storeRoot') });
      expect(code, stderr).toBe(0);
      return stdout;
    },
  };

  beforeAll(async () => {
    [browser, registry, folder] = await Promise.all([
      launchBrowser(),
      startRegistry(),
      tempFolder('strata-e2e-'),
    ]);
  });
  beforeEach(async () => {
    stage.registry.faults.clear();
    stage.registry.allowAnyone();
    stage.registry.requests.length = 0;
    await emptyStore(stage);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') {
      for (const [index, window] of windows.entries()) {
        await window.screenshot(`failed ${task.name} ${index + 1}`.replaceAll(/[^\w]+/g, '-'));
      }
    }
    await Promise.all(windows.map((window) => window.close()));
    windows = [];
  });
  afterAll(async () => {
    await browser?.close();
    await registry?.close();
    await folder?.remove();
  });
  return stage;
}

async function emptyStore(stage: Stage): Promise<void> {
  const ids = new Set((await stage.cli('images', '-a', '-q', '--no-trunc')).split('\n').filter(Boolean));
  if (ids.size > 0) await stage.cli('rmi', '-f', ...ids);
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The stage is there only while tests run');
  return value;
}

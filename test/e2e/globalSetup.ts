import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { installCodeServer, startCodeServer } from '../../scripts/support/codeServer.mjs';
import { ensureVsix } from '../../scripts/support/vsix.mjs';
import { CLI_FOLDER } from '../support/cli.ts';
import { seedDemo } from '../support/demo/index.ts';
import { startRegistry } from '../support/registry/index.ts';
import { tempFolder } from '../support/tempFolder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The VS Code server with the packaged extension in it. */
    readonly vscodeUrl: string;
    /** A folder to open in it. */
    readonly workspace: string;
    /** The STRATA_ROOT of that server. */
    readonly storeRoot: string;
    /** host:port of the demo registry, plain HTTP. */
    readonly demoRegistry: string;
  }
}

const undo: (() => Promise<void>)[] = [];

/** One demo registry and one VS Code server for all end-to-end tests: starting takes seconds. */
export async function setup(project: TestProject): Promise<void> {
  // A signal alone would end this process and leave the server; an exit takes it along.
  process.once('SIGTERM', () => process.exit(143));
  try {
    const vsix = await ensureVsix();
    await installCodeServer();
    const home = await tempFolder('strata-e2e-');
    undo.push(() => home.remove());
    const registry = await startRegistry();
    undo.push(() => registry.close());
    await seedDemo(registry.url);

    const workspace = join(home.path, 'workspace');
    const storeRoot = join(home.path, 'store');
    const dockerConfig = join(home.path, 'docker');
    const configHome = join(home.path, 'config');
    await Promise.all([workspace, dockerConfig, configHome].map((path) => mkdir(path)));
    await writeFile(join(workspace, 'notes.txt'), 'A file, so that the folder is not empty.\n');
    const server = await startCodeServer({
      home: home.path,
      extensions: [vsix],
      // Nothing of the person who runs the tests: neither a store nor credentials nor a configuration file.
      env: { STRATA_ROOT: storeRoot, DOCKER_CONFIG: dockerConfig, XDG_CONFIG_HOME: configHome },
    });
    undo.push(server.stop);
    process.env[CLI_FOLDER] = await installedDist(join(home.path, 'extensions'));

    project.provide('vscodeUrl', server.url);
    project.provide('workspace', workspace);
    project.provide('storeRoot', storeRoot);
    project.provide('demoRegistry', new URL(registry.url).host);
  } catch (error) {
    await teardown();
    throw error;
  }
}

/** The command line that stands beside the installed extension. */
async function installedDist(extensions: string): Promise<string> {
  const name = (await readdir(extensions)).find((entry) => entry.startsWith('strata-images.strata-'));
  if (name === undefined) throw new Error(`Strata is not installed in ${extensions}`);
  return join(extensions, name, 'dist');
}

export async function teardown(): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

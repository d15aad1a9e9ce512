import { execFile } from 'node:child_process';
import { chmod, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

const execute = promisify(execFile);
const dist = join(import.meta.dirname, '../../dist');

/** Loads the extension's bundle without VS Code and prints which of our files that read. */
const LOAD_EXTENSION = `
  const Module = require('node:module');
  const load = Module._load;
  const anything = new Proxy(class {}, { get: (target, key) => (key in target ? target[key] : anything) });
  // The bundle copies the module's own properties to an object with the same prototype.
  const vscode = Object.create(anything);
  Module._load = (name, ...rest) => (name === 'vscode' ? vscode : load(name, ...rest));
  require(process.argv[1]);
  const path = require('node:path');
  const names = Object.keys(require.cache).map((file) => path.basename(file));
  console.log(JSON.stringify(names));
`;

describe('the production bundle', () => {
  let folder: TempFolder;

  beforeAll(async () => {
    folder = await tempFolder();
  });
  afterAll(async () => {
    await folder.remove();
  });

  it('loads neither undici nor the native lock before they are used', async () => {
    const { stdout } = await execute(process.execPath, ['-e', LOAD_EXTENSION, join(dist, 'extension.js')]);
    expect(JSON.parse(stdout)).toEqual(['extension.js']);
  });

  it('runs the command line by its launcher, through a link, with the Node that VS Code names', async () => {
    const link = join(folder.path, 'strata');
    await symlink(join(dist, 'bin/strata'), link);
    const node = join(folder.path, 'code');
    await writeFile(
      node,
      `#!/bin/sh\necho "as node: $ELECTRON_RUN_AS_NODE"\nexec "${process.execPath}" "$@"\n`,
    );
    await chmod(node, 0o755);
    const env = { PATH: '/usr/bin:/bin', STRATA_NODE: node, STRATA_ROOT: join(folder.path, 'store') };
    const { stdout } = await execute(link, ['--version'], { env });
    expect(stdout).toMatch(/^as node: 1\n.*\d+\.\d+\.\d+/);
  });

  it('runs the command line with the Node of the PATH elsewhere', async () => {
    const env = {
      PATH: `${join(process.execPath, '..')}:/usr/bin:/bin`,
      STRATA_ROOT: join(folder.path, 'store'),
    };
    const { stdout } = await execute(join(dist, 'bin/strata'), ['--version'], { env });
    expect(stdout).toMatch(/\d+\.\d+\.\d+/);
  });

  it('says what is missing where there is no Node', async () => {
    const env = { PATH: folder.path };
    const run = execute('/bin/sh', [join(dist, 'bin/strata')], { env });
    const failure = await run.catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 127 });
    expect(String(failure)).toContain('no Node.js found');
  });
});

// Builds artifacts/strata.vsix and says what is in it: `npm run package`.
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, relative } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { zipContents } from './build/zipContents.mjs';
import { nodeEnvironment, root } from './support/node24.mjs';
import { onEndWanted, runOrThrow, stopAll } from './support/processes.mjs';
import { vsixPath } from './support/vsix.mjs';

/** The VSIX may weigh this much, the lock's prebuilt addons aside. */
const MAX_VSIX_BYTES = 1_500_000;
const NATIVE = 'extension/dist/native/';

onEndWanted(() => void stopAll().then(() => process.exit(1)));
await runOrThrow(process.execPath, ['esbuild.mjs', '--production'], { cwd: root, env: nodeEnvironment() });
await mkdir(dirname(vsixPath), { recursive: true });
await createVSIX({ cwd: root, packagePath: vsixPath, dependencies: false });

const zip = await readFile(vsixPath);
const native = zipContents(zip)
  .filter(({ name }) => name.startsWith(NATIVE))
  .reduce((sum, { packed }) => sum + packed, 0);
const size = zip.length - native;
console.log(`${relative(root, vsixPath)}: ${zip.length} bytes, ${size} without native prebuilds`);
if (size > MAX_VSIX_BYTES) {
  console.error(`The VSIX may have ${MAX_VSIX_BYTES} bytes without native prebuilds`);
  process.exitCode = 1;
}

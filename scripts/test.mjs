// `npm test`: every check and every test, also on a bare machine. Each check counts as one test.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installCodeServer } from './support/codeServer.mjs';
import { continueUnderNode24, needsInstall, npm, root } from './support/node24.mjs';
import { onEndWanted, stopAll } from './support/processes.mjs';
import { inPairs, reportCheck, reportSuite, summary } from './support/steps.mjs';
import { ensureSystemParts, testParts } from './support/systemParts.mjs';

const results = join(root, '.cache/test');

/** @typedef {import('./support/steps.mjs').Counts} Counts */

/** @param {string} name @param {() => Promise<unknown>} work @returns {Promise<Counts>} */
const check = (name, work) => reportCheck(name, work);

/** @param {string} script of package.json */
const script = (script) => () => npm(root, ['run', '--silent', script]);

/** @param {string} name a project of vitest.config.ts */
const suite = (name) => reportSuite(name, join(results, `${name}.json`));

/** Brings npm packages and system parts. @returns {Promise<string | undefined>} in one line what is in the way */
async function prepare() {
  try {
    if (needsInstall(root)) await npm(root, ['ci', '--no-audit', '--no-fund']);
    await continueUnderNode24();
    const installed = await ensureSystemParts(testParts);
    if (installed.length > 0) console.log(`installed ${installed.join(' ')}`);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @returns {Promise<Counts[]>} */
async function runAll() {
  await rm(results, { recursive: true, force: true });
  await mkdir(results, { recursive: true });
  const counts = await inPairs([
    // First, because its install takes longest; the checks run beside it.
    () => check('VS Code server', installCodeServer),
    () => check('build and package', script('package')),
    () => check('types', script('check:types')),
    () => check('lint', script('check:lint')),
    () => check('format', script('check:format')),
    () => check('architecture', script('check:architecture')),
    () => check('dead code', script('check:dead')),
  ]);
  // One after another: they measure time, and each starts processes of its own.
  for (const name of ['unit', 'integration', 'e2e']) counts.push(await suite(name));
  return counts;
}

onEndWanted(() => void stopAll().then(() => process.exit(130)));
const obstacle = await prepare();
if (obstacle !== undefined) console.log(obstacle);
const total = summary(obstacle === undefined ? await runAll() : [{ passed: 0, failed: 1, skipped: 0 }]);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { nodeEnvironment, root } from './node24.mjs';
import { run } from './processes.mjs';

const vitest = join(root, 'node_modules/vitest/vitest.mjs');

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ status: string, fullName: string }} TestCase
 * @typedef {{ name: string, status: string, message?: string, assertionResults: TestCase[] }} TestFile
 */

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Runs work that fails by throwing and prints one line about it; what it threw follows.
 * @param {string} name @param {() => Promise<unknown>} work
 * @returns {Promise<Counts>} of one test
 */
export async function reportCheck(name, work) {
  const started = Date.now();
  try {
    await work();
    console.log(`ok    ${name}  ${seconds(Date.now() - started)}`);
    return { passed: 1, failed: 0, skipped: 0 };
  } catch (error) {
    console.log(`FAIL  ${name}  ${seconds(Date.now() - started)}`);
    console.log(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/**
 * Runs a project of vitest.config.ts and prints one line about it, its output too when something failed, and the
 * names of what was skipped.
 * @param {string} project @param {string} resultFile where Vitest's JSON reporter writes
 * @returns {Promise<Counts>}
 */
export async function reportSuite(project, resultFile) {
  const { code, output, ms } = await run(
    process.execPath,
    [vitest, 'run', '--project', project, '--reporter=dot', '--reporter=json', '--outputFile', resultFile],
    { cwd: root, env: { ...nodeEnvironment(), NO_COLOR: '1', FORCE_COLOR: undefined } },
  );
  const files = await readResults(resultFile);
  const { skippedNames, ...counts } = countTests(files, code);
  const { passed, failed, skipped } = counts;
  console.log(
    `${failed > 0 ? 'FAIL' : 'ok  '}  ${project}  ${seconds(ms)}  ${passed} passed, ${failed} failed, ${skipped} skipped`,
  );
  if (failed > 0) console.log(output.trim());
  for (const name of skippedNames) console.log(`      skipped: ${name}`);
  return counts;
}

/** @param {string} path @returns {Promise<TestFile[]>} none when Vitest wrote nothing */
async function readResults(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8')).testResults;
  } catch {
    return [];
  }
}

/**
 * Counts Vitest's results. A file that failed before its tests ran is one failure, and so is a run that ended with
 * an error that no test shows, or that had no test at all.
 * @param {readonly TestFile[]} files @param {number} exitCode of Vitest
 * @returns {Counts & { skippedNames: string[] }}
 */
export function countTests(files, exitCode) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const skippedNames = [];
  for (const { name, status, assertionResults } of files) {
    for (const test of assertionResults) {
      if (test.status === 'passed') counts.passed++;
      else if (test.status === 'failed') counts.failed++;
      else {
        counts.skipped++;
        skippedNames.push(`${relative(root, name)}: ${test.fullName}`);
      }
    }
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) counts.failed++;
  }
  const nothing = counts.passed + counts.failed + counts.skipped === 0;
  if (counts.failed === 0 && (exitCode !== 0 || nothing)) counts.failed++;
  return { ...counts, skippedNames };
}

/**
 * Runs jobs two at a time, the number of processors that a small machine has, in their order.
 * @template T @param {readonly (() => Promise<T>)[]} jobs @returns {Promise<T[]>}
 */
export async function inPairs(jobs) {
  /** @type {T[]} */
  const results = [];
  const queue = jobs.values();
  const work = async () => {
    for (const job of queue) results.push(await job());
  };
  await Promise.all([work(), work()]);
  return results;
}

/** @param {readonly Counts[]} counts @returns {Counts} their sum */
export function summary(counts) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { passed, failed, skipped } of counts) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
  return sum;
}

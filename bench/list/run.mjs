// `strata images` on a store of 1,000 images with 20 tags each, beside `node -e 0`: the wall time of whole processes.
// node bench/list/run.mjs [--runs 21] [--images 1000] [--tags 20]
import { spawnSync } from 'node:child_process';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { continueUnderNode24 } from '../../scripts/support/node24.mjs';

await continueUnderNode24();
const { ARTIFACTS, PROJECT } = await import('../support/commands.ts');
const { describeMachine } = await import('../support/machine.ts');
const { table, median } = await import('../support/tables.ts');
const { makeStore } = await import('./syntheticStore.ts');
const { tempFolder } = await import('../../test/support/tempFolder.ts');

const LIMIT = 3;
/**
 * Derived files that these cases go without: what is there the first time after a pull, and after an update.
 * @type {Record<string, readonly string[]>}
 */
const STALE = {
  'strata images, index.json changed': ['listing.json'],
  'strata images, nothing derived but layer indexes': ['listing.json', 'summaries.json'],
};
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '21' },
    images: { type: 'string', default: '1000' },
    tags: { type: 'string', default: '20' },
  },
});
const folder = await tempFolder('strata-bench-list-');
// A copy, which no build changes meanwhile.
await cp(join(PROJECT, 'dist'), join(folder.path, 'dist'), { recursive: true });
const cli = join(folder.path, 'dist/cli.js');
const root = join(folder.path, 'store');
const env = {
  PATH: process.env.PATH,
  HOME: folder.path,
  XDG_CACHE_HOME: join(folder.path, 'cache'),
  STRATA_ROOT: root,
  STRATA_CONFIG: folder.path,
};

/** @param {readonly string[]} args @returns {{ ms: number, lines: number }} */
function timed(args) {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, maxBuffer: 2 ** 28 });
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return { ms, lines: stdout.toString().split('\n').length - 1 };
}

try {
  await makeStore(root, Number(values.images), Number(values.tags));
  const first = timed([cli, 'images']);
  const wanted = Number(values.images) * Number(values.tags) + 1;
  if (first.lines !== wanted) throw new Error(`${first.lines} lines were printed, not ${wanted}`);
  const cases = {
    'node -e 0': ['-e', '0'],
    'strata --version': [cli, '--version'],
    'strata images': [cli, 'images'],
    'strata images, index.json changed': [cli, 'images'],
    'strata images, nothing derived but layer indexes': [cli, 'images'],
    'strata images -q': [cli, 'images', '-q'],
    'strata images --filter label=…': [cli, 'images', '-f', 'label=org.opencontainers.image.version=7'],
    'strata images --format': [cli, 'images', '--format', '{{.Repository}}:{{.Tag}} {{.ID}}'],
  };
  /** @type {Record<string, number[]>} */
  const samples = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let run = 0; run < Number(values.runs); run++) {
    for (const [name, args] of Object.entries(cases)) {
      await Promise.all((STALE[name] ?? []).map((file) => rm(join(root, 'strata', file), { force: true })));
      samples[name]?.push(timed(args).ms);
    }
  }
  const base = median(samples['node -e 0'] ?? []);
  const rows = Object.entries(samples).map(([name, all]) => [
    name,
    ...[Math.min(...all), median(all), Math.max(...all)].map((ms) => ms.toFixed(0)),
    (median(all) / base).toFixed(2),
  ]);
  console.log(table(['', 'min ms', 'median ms', 'max ms', '× node -e 0'], rows));
  const ratio = median(samples['strata images'] ?? []) / base;
  console.log(
    `\nstrata images: ${ratio.toFixed(2)} × node -e 0, limit ${LIMIT}: ${ratio <= LIMIT ? 'holds' : 'MISSED'}`,
  );
  console.log(`the first, which indexes every layer: ${first.ms.toFixed(0)} ms`);
  await mkdir(ARTIFACTS, { recursive: true });
  const record = {
    measuredAt: new Date().toISOString(),
    machine: await describeMachine(PROJECT),
    limit: LIMIT,
    firstMs: first.ms,
    samples,
  };
  await writeFile(join(ARTIFACTS, 'bench-list.json'), `${JSON.stringify(record, null, 2)}\n`);
  if (ratio > LIMIT) process.exitCode = 1;
} finally {
  await folder.remove();
}

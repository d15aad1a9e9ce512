// How long VS Code waits for dist/extension.js: require and activate, each time in a fresh process, with a stand-in
// for the vscode module. node bench/activation/run.mjs [--runs 20]
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { continueUnderNode24 } from '../../scripts/support/node24.mjs';

await continueUnderNode24();
const { ARTIFACTS, output, PROJECT } = await import('../support/commands.ts');
const { describeMachine } = await import('../support/machine.ts');
const { table, median } = await import('../support/tables.ts');

const LIMIT_MS = 50;
const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' } } });
const once = join(import.meta.dirname, 'once.mjs');
const env = { ...process.env, NODE_PATH: join(import.meta.dirname, 'modules') };
const extension = join(PROJECT, 'dist/extension.js');

if (!existsSync(join(PROJECT, 'dist/undici.js'))) {
  throw new Error(
    'dist/undici.js is missing: npm run build (or it has moved into a bundle, which this watches over)',
  );
}

/** @type {{ require: number, activate: number, loaded: string[] }[]} */
const samples = [];
for (let run = 0; run < Number(values.runs); run++) {
  samples.push(JSON.parse(await output(process.execPath, [once, extension], { env })));
}
const early = samples[0]?.loaded.filter((name) => name !== 'extension.js') ?? [];
const columns = {
  require: samples.map((sample) => sample.require),
  activate: samples.map((sample) => sample.activate),
  both: samples.map((sample) => sample.require + sample.activate),
};
const rows = Object.entries(columns).map(([name, all]) => [
  name,
  ...[Math.min(...all), median(all), Math.max(...all)].map((value) => value.toFixed(1)),
]);
const middle = median(columns.both);
console.log(table(['', 'min ms', 'median ms', 'max ms'], rows));
console.log(
  `\nmedian of both: ${middle.toFixed(1)} ms, limit ${LIMIT_MS}: ${middle < LIMIT_MS ? 'holds' : 'MISSED'}`,
);
console.log(`loaded beside extension.js: ${early.join(', ') || 'nothing'}`);
await mkdir(ARTIFACTS, { recursive: true });
const record = {
  measuredAt: new Date().toISOString(),
  machine: await describeMachine(PROJECT),
  limitMs: LIMIT_MS,
  samples,
};
await writeFile(join(ARTIFACTS, 'bench-activation.json'), `${JSON.stringify(record, null, 2)}\n`);
if (early.includes('undici.js')) {
  console.error('Activation loads undici: it should wait for the first request.');
  process.exitCode = 1;
}

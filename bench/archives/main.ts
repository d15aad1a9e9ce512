import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tempFolder } from '../../test/support/tempFolder.ts';
import { benchImage, describeImage } from '../pull/image.ts';
import { ARTIFACTS, output } from '../support/commands.ts';
import { describeMachine } from '../support/machine.ts';
import { measure } from '../support/measure.ts';
import type { Measurement } from '../support/measure.ts';
import { median, table } from '../support/tables.ts';
import { loaders, savers } from './contenders.ts';
import type { Contender } from './contenders.ts';
import { prepareStage } from './stage.ts';

type Results = ReadonlyMap<string, readonly Measurement[]>;

/** Measures every way to save or load the image in turn and writes artifacts/bench-save.json or bench-load.json. */
export async function main(what: 'save' | 'load', args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: 'string', default: '3' }, only: { type: 'string', multiple: true } },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs wants a whole number, not ${values.runs}`);
  const image = await benchImage(console.log);
  console.log(describeImage(image));
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => interrupted.abort(new Error(name)));
  const folder = await tempFolder('strata-bench-archives-');
  try {
    const stage = await prepareStage(folder.path, image, console.log);
    try {
      const all = what === 'save' ? savers(stage) : loaders(stage);
      const contenders = all.filter(({ name }) => values.only?.some((part) => name.includes(part)) ?? true);
      const results = new Map<string, Measurement[]>(contenders.map(({ name }) => [name, []]));
      for (let run = 1; run <= runs; run++) {
        for (const contender of contenders) {
          const measured = await attempt(contender, interrupted.signal);
          results.get(contender.name)?.push(measured);
          console.log(`run ${run}: ${contender.name}: ${measured.wallSeconds.toFixed(2)} s wall`);
        }
      }
      await report(what, contenders, results);
    } finally {
      await stage.close();
    }
  } finally {
    await folder.remove();
  }
}

async function attempt(contender: Contender, signal: AbortSignal): Promise<Measurement> {
  const folder = await tempFolder('strata-bench-out-');
  try {
    const prepared = await contender.prepare(folder.path);
    await output('sync', []);
    signal.throwIfAborted();
    const measured = await measure(prepared.measurable, signal);
    await prepared.verify();
    return measured;
  } finally {
    await folder.remove();
  }
}

async function report(what: string, contenders: readonly Contender[], results: Results): Promise<void> {
  const rows = [...results].map(([name, measured]) => {
    const walls = measured.map(({ wallSeconds }) => wallSeconds);
    return [
      name,
      Math.min(...walls).toFixed(2),
      median(walls).toFixed(2),
      median(measured.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2),
      (Math.max(...measured.map(({ peakBytes }) => peakBytes)) / 1e6).toFixed(0),
      median(measured.map(({ syncSeconds }) => syncSeconds)).toFixed(2),
    ];
  });
  console.log(`\n${table(['', 'wall min s', 'median s', 'CPU s', 'peak MB', 'sync after s'], rows)}\n`);
  const judged = contenders.flatMap(({ name, against }) => {
    const own = results.get(name) ?? [];
    const other = against === undefined ? [] : (results.get(against.name) ?? []);
    if (against === undefined || own.length === 0 || other.length === 0) return [];
    const wall = (list: readonly Measurement[]): number => median(list.map(({ wallSeconds }) => wallSeconds));
    const value = wall(own) / wall(other);
    return [
      { what: `${name} / ${against.name}`, value, limit: against.limit, holds: value <= against.limit },
    ];
  });
  const verdicts = judged.map(({ what: ratio, value, limit, holds }) => [
    ratio,
    value.toFixed(3),
    String(limit),
    holds ? 'holds' : 'MISSED',
  ]);
  console.log(table(['median wall time', 'measured', 'limit', ''], verdicts));
  await mkdir(ARTIFACTS, { recursive: true });
  const record = {
    measuredAt: new Date().toISOString(),
    machine: await describeMachine(tmpdir()),
    runs: Object.fromEntries(results),
    judged,
  };
  await writeFile(join(ARTIFACTS, `bench-${what}.json`), `${JSON.stringify(record, null, 2)}\n`);
}

import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startDockerRegistry } from '../../test/support/dockerRegistry.ts';
import { REAL_PARTS } from '../../test/support/realParts.ts';
import { tempFolder } from '../../test/support/tempFolder.ts';
import { ARTIFACTS, output } from '../support/commands.ts';
import { describeMachine } from '../support/machine.ts';
import { measure } from '../support/measure.ts';
import type { Measurement } from '../support/measure.ts';
import { push } from '../support/push.ts';
import { findContenders } from './contenders.ts';
import type { Contender } from './contenders.ts';
import { benchImage, describeImage } from './image.ts';
import { judge, ratioTable, resultTable } from './report.ts';

/** Measures every way to pull the image in turn and writes artifacts/bench-pull.json. */
export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: 'string', default: '3' }, only: { type: 'string', multiple: true } },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs wants a whole number, not ${values.runs}`);
  const image = await benchImage(console.log);
  console.log(describeImage(image));
  const { present, missing } = await findContenders();
  for (const line of missing) console.log(`MISSING ${line}`);
  const contenders = present.filter(({ name }) => values.only?.some((part) => name.includes(part)) ?? true);
  const digests = image.layers.map(({ digest }) => digest);

  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM']) process.once(name, () => interrupted.abort(new Error(name)));
  const { signal } = interrupted;
  const registry = await startDockerRegistry();
  const results = new Map<string, Measurement[]>(contenders.map(({ name }) => [name, []]));
  try {
    await push(registry.host, 'bench', 'latest', image);
    await output('sync', []);
    for (let run = 1; run <= runs; run++) {
      for (const contender of contenders) {
        const measured = await attempt(contender, `${registry.host}/bench:latest`, digests, signal);
        results.get(contender.name)?.push(measured);
        const { wallSeconds, cpuSeconds, peakBytes } = measured;
        console.log(
          `run ${run}: ${contender.name}: ${wallSeconds.toFixed(2)} s wall, ${cpuSeconds.toFixed(2)} s CPU, ` +
            `${(peakBytes / 1e6).toFixed(0)} MB`,
        );
      }
    }
  } finally {
    await registry.close();
  }

  const machine = await describeMachine(tmpdir());
  const registryVersion = (await output(REAL_PARTS.dockerRegistry.path, ['--version'])).trim();
  const versions = Object.fromEntries(contenders.map(({ name, version }) => [name, version]));
  console.log(`\n${resultTable(results)}\n\n${ratioTable(results)}`);
  console.log(
    `\n${Object.entries(versions)
      .map(([name, version]) => `${name}: ${version}`)
      .join('\n')}`,
  );
  console.log(`registry: ${registryVersion}\nmachine: ${Object.values(machine).join(', ')}`);
  await mkdir(ARTIFACTS, { recursive: true });
  const record = {
    measuredAt: new Date().toISOString(),
    machine,
    registry: registryVersion,
    versions,
    missing,
    image: { manifest: image.manifest.digest, layers: image.layers },
    runs: Object.fromEntries(results),
    judged: judge(results),
  };
  await writeFile(join(ARTIFACTS, 'bench-pull.json'), `${JSON.stringify(record, null, 2)}\n`);
}

async function attempt(
  contender: Contender,
  image: string,
  digests: readonly string[],
  signal: AbortSignal,
): Promise<Measurement> {
  const folder = await tempFolder('strata-bench-store-');
  try {
    const prepared = await contender.prepare(image, folder.path, digests);
    try {
      await output('sync', []);
      signal.throwIfAborted();
      const measured = await measure(prepared.measurable, signal);
      await prepared.verify();
      return measured;
    } finally {
      await prepared.cleanUp();
    }
  } finally {
    await folder.remove();
  }
}

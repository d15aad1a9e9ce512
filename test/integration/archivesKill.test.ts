import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { sha256 } from '../../src/oci/digest.ts';
import { openStore } from '../../src/store/index.ts';
import { dockerArchive } from '../support/archives.ts';
import { cliFile, environment, strata } from '../support/cli.ts';
import { noisyImage } from '../support/pullWorld.ts';
import { run } from '../support/run.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/** Loads and saves that die in the middle, at random moments. STRATA_TEST_SEED repeats a run. */

const MiB = 1024 * 1024;
const MOMENTS = 8;
const seed = Number(process.env.STRATA_TEST_SEED ?? Date.now() % 1_000_000);
const image = noisyImage([12 * MiB, 9 * MiB, 7 * MiB, 300_000]);
const id = image.config.descriptor.digest;

type Call = readonly [string, ...string[]];

let folder: TempFolder;
let archive: string;
beforeAll(async () => {
  folder = await tempFolder();
  archive = join(folder.path, 'archive.tar');
  await writeFile(archive, dockerArchive({ image, names: ['killed/load:1'] }));
});
afterAll(() => folder.remove());

/** From 0 to 1, the same for a seed and a number. */
function moment(number: number): number {
  return parseInt(sha256(`${seed} ${number}`).slice(7, 15), 16) / 2 ** 32;
}

/** Runs a command on a store and ends it after so many milliseconds, whatever it does. */
async function killed([command, ...args]: Call, root: string, after: number): Promise<void> {
  const child = spawn(command, args, { env: environment({ root }), stdio: 'ignore' });
  const ended = once(child, 'exit');
  await Promise.race([ended, sleep(after)]);
  child.kill('SIGKILL');
  await ended;
}

async function expectSound(root: string): Promise<readonly string[]> {
  const blobs = join(root, 'blobs/sha256');
  for (const name of await readdir(blobs).catch(() => [])) {
    expect(sha256(await readFile(join(blobs, name)))).toBe(`sha256:${name}`);
  }
  const store = await openStore(root, { logger: silentLogger });
  expect(await store.activeLeases()).toEqual([]);
  await store.close();
  const { code, stdout, stderr } = await strata(['images', '--no-trunc', '-q'], { root });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

const calls = {
  file: (): Call => [process.execPath, cliFile(), 'load', '-i', archive],
  // The shell becomes strata: whoever kills it kills that.
  pipe: (): Call => ['/bin/sh', '-c', `exec "$0" "$1" load < "$2"`, process.execPath, cliFile(), archive],
};

it.each(['file', 'pipe'] as const)(
  `leaves a working store when a load from a %s dies (seed ${seed})`,
  async (way) => {
    const load = async (root: string): Promise<number | null> => {
      const [command, ...args] = calls[way]();
      return (await run(command, args, { env: environment({ root }) })).code;
    };
    const started = performance.now();
    expect(await load(join(folder.path, `whole-${way}`))).toBe(0);
    const whole = performance.now() - started;
    for (let number = 0; number < MOMENTS; number++) {
      const root = join(folder.path, `killed-${way}-${number}`);
      await killed(calls[way](), root, whole * (0.2 + 0.8 * moment(number)));
      const listed = await expectSound(root);
      if (listed.length > 0) expect(listed).toEqual([id]);
      expect(await load(root)).toBe(0);
      expect(await expectSound(root)).toEqual([id]);
    }
  },
);

it('leaves what stood there when a save dies', async () => {
  const root = join(folder.path, 'saving');
  expect((await strata(['load', '-i', archive], { root })).code).toBe(0);
  const target = join(folder.path, 'saved.tar');
  await writeFile(target, 'as it was');
  for (let number = 0; number < MOMENTS; number++) {
    const call: Call = [process.execPath, cliFile(), 'save', '-o', target, 'killed/load:1'];
    await killed(call, root, 150 + 250 * moment(100 + number));
    const { size } = await stat(target);
    if (size === 9) expect(await readFile(target, 'utf8')).toBe('as it was');
    else
      expect((await strata(['load', '-i', target], { root: join(folder.path, `from-${number}`) })).code).toBe(
        0,
      );
    await writeFile(target, 'as it was');
  }
});

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Digest } from '../../src/oci/digest.ts';
import { sha256 } from '../../src/oci/digest.ts';
import { openStore } from '../../src/store/index.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { startStrata, strata } from '../support/cli.ts';
import { createPullWorld, noisyImage } from '../support/pullWorld.ts';
import type { PullWorld } from '../support/pullWorld.ts';
import { REAL_PARTS } from '../support/realParts.ts';
import { blobs, drip, holdUntil } from '../support/registry/index.ts';
import { run } from '../support/run.ts';

/** Processes that die in the middle of their work, at random moments. STRATA_TEST_SEED repeats a run. */

const MiB = 1024 * 1024;
const MOMENTS = 20;

const image = noisyImage([10 * MiB, 8 * MiB, 7 * MiB, 5 * MiB, 4 * MiB]);
const other = noisyImage([300_000, 8 * MiB]);

const seed = Number(process.env.STRATA_TEST_SEED ?? Date.now() % 1_000_000);

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
function* randoms(from: number): Generator<number, never> {
  for (let state = from; ;) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

let world: PullWorld;
let root: string;
beforeEach(async () => {
  world = await createPullWorld();
  ({ root } = world);
});
afterEach(() => world.close());

/** Bytes of layers that the registry has sent since its log was emptied. */
function layerBytesSent(): number {
  return image.layers.reduce(
    (sum, { descriptor }) =>
      sum + world.fetchesOf(descriptor.digest).reduce((all, each) => all + each.bytesSent, 0),
    0,
  );
}

/** The digest of every file that stands under blobs/: a name there must tell the truth. */
async function verifyBlobs(): Promise<string[]> {
  const folder = join(root, 'blobs/sha256');
  const names = await readdir(folder).catch(() => []);
  for (const name of names) expect(sha256(await readFile(join(folder, name)))).toBe(`sha256:${name}`);
  return names;
}

/** The requests that bring what the store lacks of a blob: none for one that is finished, the rest of one that was begun. */
async function missingOf({ digest, size }: { digest: Digest; size: number }): Promise<unknown[]> {
  const hex = digest.slice('sha256:'.length);
  if ((await world.files('blobs', 'sha256')).includes(hex)) return [];
  const here = await stat(join(root, 'strata/partial', hex)).then(
    (stats) => stats.size,
    () => 0,
  );
  if (here === size) return [];
  if (here === 0) return [{ range: undefined, status: 200, bytesSent: size }];
  return [{ range: `bytes=${here}-`, status: 206, bytesSent: size - here }];
}

async function whatIsListed(): Promise<string[]> {
  const { code, stdout, stderr } = await strata(['images', '--no-trunc', '-q'], { root });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').filter((line) => line !== '');
}

/** What every tool must find after a process died. */
async function expectSound(name: string): Promise<string[]> {
  const store = await openStore(root, { logger: silentLogger });
  expect(await store.activeLeases()).toEqual([]);
  await store.close();
  const listed = await whatIsListed();
  await verifyBlobs();
  const { stderr, code } = await run(REAL_PARTS.skopeo.path, [
    'inspect',
    '--raw',
    `oci:${root}:${name}:latest`,
  ]);
  const isListed = listed.includes(image.config.descriptor.digest);
  if (isListed) expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  else expect(stderr).toContain('no descriptor found for reference');
  return listed;
}

describe('kill -9', () => {
  it(`in mid-pull, ${MOMENTS} times (seed ${seed})`, async () => {
    const random = randoms(seed);
    const name = await world.push('killed/pull', image);
    const pull = (): ReturnType<typeof startStrata> => startStrata(['pull', name], { root });
    // At a speed of its own, not the machine's: how long a whole pull takes then tells in which time to kill.
    const slowly = (): { remove(): void } =>
      world.registry.faults.add({ match: blobs(), action: drip(12 * MiB) });
    let slow = slowly();
    const started = performance.now();
    expect((await pull().ended).code).toBe(0);
    const whole = performance.now() - started;
    await strata(['rmi', name], { root });
    const caught = { before: 0, midway: 0, after: 0 };

    for (let moment = 0; moment < MOMENTS; moment++) {
      slow.remove();
      slow = slowly();
      world.registry.requests.length = 0;
      const running = pull();
      // A third of the time is Node's start: most moments shall fall behind it.
      await sleep(whole * (0.15 + 0.85 * random.next().value));
      running.child.kill('SIGKILL');
      await running.ended;
      const sentBefore = layerBytesSent();
      const listed = await expectSound(name);
      const wanted = new Map<Digest, unknown[]>();
      for (const { descriptor } of image.layers) wanted.set(descriptor.digest, await missingOf(descriptor));
      if (listed.length > 0) caught.after += 1;
      else if (sentBefore === 0) caught.before += 1;
      else caught.midway += 1;

      slow.remove();

      world.registry.requests.length = 0;
      const second = await strata(['pull', name], { root });
      expect({ code: second.code, stderr: second.stderr }).toEqual({ code: 0, stderr: '' });
      // Exactly what was missing: these ranges, and no byte more.
      for (const { descriptor } of image.layers) {
        expect(world.fetchesOf(descriptor.digest)).toEqual(wanted.get(descriptor.digest));
      }
      expect(await whatIsListed()).toEqual([image.config.descriptor.digest]);
      expect(await verifyBlobs()).toHaveLength(image.layers.length + 2);
      expect(await world.unfinished()).toEqual([]);
      await strata(['rmi', name], { root });
      expect(await verifyBlobs()).toEqual([]);
      // The lock files of dead writers go with the next sweep.
      expect(
        await world
          .files('strata', 'partial')
          .then((names) => names.filter((each) => each.endsWith('.lock'))),
      ).toEqual([]);
    }
    // The moments must have hit what they were meant for.
    expect(caught.midway, JSON.stringify(caught)).toBeGreaterThanOrEqual(5);
  }, 300_000);

  it(`while an image is removed, eight times (seed ${seed})`, async () => {
    const random = randoms(seed + 1);
    const name = await world.push('killed/removal', image);
    const kept = await world.push('kept/image', other);
    await strata(['pull', kept], { root });
    await strata(['pull', name], { root });
    const started = performance.now();
    await strata(['rmi', name], { root });
    const whole = performance.now() - started;
    for (let moment = 0; moment < 8; moment++) {
      expect((await strata(['pull', name], { root })).code).toBe(0);
      const running = startStrata(['rmi', name], { root });
      await sleep(whole * (0.4 + 0.6 * random.next().value));
      running.child.kill('SIGKILL');
      await running.ended;
      const listed = await expectSound(name);
      expect(listed).toContain(other.config.descriptor.digest);
      if (listed.includes(image.config.descriptor.digest)) {
        // Still named: then it is whole.
        const digests: Digest[] = [image.manifest, image.config, ...image.layers].map(
          (b) => b.descriptor.digest,
        );
        expect(await verifyBlobs()).toEqual(expect.arrayContaining(digests.map((digest) => digest.slice(7))));
      }
      await strata(['rmi', '-f', name], { root });
    }
    // What a removal that died left lying is taken by a later one.
    await strata(['rmi', kept], { root });
    expect(await verifyBlobs()).toEqual([]);
  });
});

describe('an interrupt', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends a pull with 130, and the next goes on from there',
    async (signal) => {
      const name = await world.push('interrupted/pull', other);
      const [small, big] = other.layers.map(({ descriptor }) => descriptor);
      if (small === undefined || big === undefined) throw new Error('two layers are needed');
      const slow = world.registry.faults.add({ match: blobs(big.digest), action: drip(8 * MiB) });
      const running = startStrata(['pull', name], { root });
      await expect
        .poll(() => world.files('blobs', 'sha256'), { timeout: 20_000 })
        .toContain(small.digest.slice(7));
      await expect
        .poll(() => world.fetchesOf(big.digest)[0]?.bytesSent ?? 0, { timeout: 20_000, interval: 10 })
        .toBeGreaterThan(MiB);
      running.child.kill(signal);
      const { code, stderr, stdout } = await running.ended;
      expect({ code, stderr }).toEqual({
        code: 130,
        stderr: '\nInterrupted. What was downloaded is kept: pull again to go on from there.\n',
      });
      expect(stdout).not.toContain('Digest:');
      expect(await whatIsListed()).toEqual([]);
      slow.remove();
      world.registry.requests.length = 0;
      expect((await strata(['pull', name], { root })).code).toBe(0);
      expect(world.fetchesOf(small.digest)).toEqual([]);
      const [rest, ...more] = world.fetchesOf(big.digest);
      expect(more).toEqual([]);
      expect(rest?.status).toBe(206);
      expect(rest?.bytesSent).toBeLessThan(big.size - MiB / 2);
      await verifyBlobs();
    },
  );

  it('does not wait for a registry that says nothing', async () => {
    const name = await world.push('interrupted/silence', other);
    world.registry.faults.add({ match: () => true, action: holdUntil(new Promise(() => undefined)) });
    const running = startStrata(['pull', name], { root });
    await expect.poll(() => world.registry.requests.length, { timeout: 20_000 }).toBeGreaterThan(0);
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
  });
});

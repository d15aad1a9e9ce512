import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { strata } from '../support/cli.ts';
import { createPullWorld, noisyImage } from '../support/pullWorld.ts';
import type { PullWorld } from '../support/pullWorld.ts';
import {
  answer,
  blobs,
  fail,
  flipByte,
  manifests,
  schema1,
  startRegistry,
  tooManyRequests,
} from '../support/registry/index.ts';
import type { FaultRule } from '../support/registry/faultList.ts';

/** What a person reads at the terminal when a pull fails: one sentence, a remedy where there is one, exit code 1, nothing listed. */

const image = noisyImage([10_000]);
const layer = image.layers[0]?.descriptor.digest;

let world: PullWorld;
beforeEach(async () => {
  world = await createPullWorld();
});
afterEach(() => world.close());

const unknownType = answer({
  status: 200,
  headers: { 'content-type': 'application/vnd.example+json' },
  body: '{"schemaVersion":2}',
});

async function expectFailure(
  args: string[],
  stderr: RegExp,
  env: Record<string, string> = {},
): Promise<void> {
  const result = await strata(args, { root: world.root, env });
  expect(result.code).toBe(1);
  expect(result.stdout).not.toContain('Digest:');
  expect(result.stderr).toMatch(stderr);
  expect(result.stderr.split('\n').length).toBeLessThanOrEqual(3);
  expect(result.stderr).not.toMatch(/\bat .*\.[jt]s:|undefined|\[object/);
  const listed = await strata(['images', '-a', '-q'], { root: world.root });
  expect(listed).toEqual({ code: 0, stdout: '', stderr: '' });
}

describe('a failing registry', () => {
  const daemon = 'Error response from daemon: ';
  it.each<[string, FaultRule, string, boolean]>([
    [
      '500',
      { match: manifests(), action: fail(500, 'UNKNOWN', 'on fire') },
      '127.* failed with status 500: on fire',
      false,
    ],
    ['401', { match: manifests(), action: fail(401) }, 'pull access denied for .*/some/image', true],
    ['403', { match: manifests(), action: fail(403) }, '127.* denied access to .*: forbidden', true],
    [
      '404',
      { match: manifests(), action: fail(404) },
      'manifest for .*/some/image:latest not found: .*',
      false,
    ],
    [
      '429',
      { match: manifests(), action: tooManyRequests(3600) },
      'toomanyrequests: .*try again in 3600 s.*',
      true,
    ],
    ['schema 1', { match: manifests(), action: schema1() }, '.*is a Docker schema 1 manifest .*', false],
    [
      'an unknown type',
      { match: manifests(), action: unknownType },
      '.*unknown type: application/vnd.example.json',
      false,
    ],
    [
      'a wrong byte',
      { match: blobs(layer), action: flipByte(5) },
      'digest of layer sha256:.* does not match: .*',
      true,
    ],
    [
      'a wrong size',
      { match: blobs(layer), action: answer({ status: 200, body: 'short' }) },
      'size of layer .* got 5',
      true,
    ],
  ])('%s', async (_, rule, sentence, hasHint) => {
    const name = await world.push('some/image', image);
    world.registry.faults.add(rule);
    const hint = hasHint ? 'Hint: .+\\n' : '';
    await expectFailure(['pull', name], new RegExp(`^${daemon}${sentence}.*\\n${hint}$`));
  });

  it('a refused connection, an unknown host, and TLS that nobody vouches for', async () => {
    const gone = await startRegistry();
    await gone.close();
    await expectFailure(
      ['pull', `${gone.host}/x`],
      /^Error .*cannot reach 127.*connection refused\nHint: .+\n$/,
    );
    await expectFailure(
      ['pull', 'no-such-host.invalid/x'],
      /^Error .*cannot reach no-such-host.invalid: .+\nHint: .+\n$/,
    );
    const fixture = async (file: string): Promise<string> =>
      await readFile(join(import.meta.dirname, '../fixtures/tls', file), 'utf8');
    const tls = { key: await fixture('server.key'), cert: await fixture('selfSigned.pem') };
    const secure = await startRegistry({ tls });
    await expectFailure(
      ['pull', `${secure.host}/x`],
      /^Error .*(?:TLS trouble with|cannot reach) 127.*\nHint: .+\n$/,
    );
    await secure.close();
  });

  it('a name that cannot be parsed, and settings that cannot be read', async () => {
    await expectFailure(
      ['pull', 'UPPER/case'],
      /^invalid reference format: repository name must be lowercase .*\n$/,
    );
    await expectFailure(['pull', 'a:b:c'], /^invalid reference format: .+\n$/);
    const config = join(world.folder, 'config.json');
    await writeFile(config, '{"mirrors": 5}');
    const result = await strata(['images'], { root: world.root, env: { STRATA_CONFIG: config } });
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/^cannot use .*config.json: "mirrors" .+\n$/);
  });

  it('a folder that cannot be a store', async () => {
    const folder = join(world.folder, 'letters');
    await mkdir(folder);
    await writeFile(join(folder, 'letter.txt'), 'Dear all');
    const result = await strata(['images'], { root: folder });
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/^Error .*cannot use .*letters as the store: .*\n/);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliFile, environment, strata } from '../support/cli.ts';
import { seedDemo } from '../support/demo/index.ts';
import { startDockerd } from '../support/dockerd.ts';
import type { Dockerd } from '../support/dockerd.ts';
import { buildIndex } from '../support/images.ts';
import { pushImage } from '../support/pushImage.ts';
import { noisyImage } from '../support/pullWorld.ts';
import { REAL_PARTS } from '../support/realParts.ts';
import { blobs, drip, startRegistry } from '../support/registry/index.ts';
import type { TestRegistry } from '../support/registry/index.ts';
import { runOk } from '../support/run.ts';
import type { RunResult } from '../support/run.ts';
import { finalScreen } from '../support/screen.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/**
 * Our command line beside the real docker 20.10.24, the same calls in the same order on the same registry. What may
 * differ is named here, in `ours` and `theirs`, and nowhere else.
 */

let registry: TestRegistry;
let folder: TempFolder;
let dockerd: Dockerd;
let root: string;

beforeAll(async () => {
  [registry, folder, dockerd] = await Promise.all([startRegistry(), tempFolder(), startDockerd()]);
  root = `${folder.path}/store`;
  await seedDemo(registry.url);
  // The demo's own has zstd in it, which this docker cannot unpack.
  const architectures = ['amd64', 'arm64', 'arm'].map((architecture, i) => {
    const platform = { os: 'linux', architecture, ...(architecture === 'arm' && { variant: 'v7' }) };
    return noisyImage([1111, 3333 + i], { platform, created: `2023-01-0${i + 1}T00:00:00Z` });
  });
  await pushImage(registry.url, 'oracle/tools', 'latest', buildIndex(architectures));
});
afterAll(async () => {
  await Promise.all([dockerd.close(), registry.close()]);
  await folder.remove();
});

type Change = (text: string) => string;

interface Differences {
  /** Instead of docker's words. */
  readonly theirs?: Change;
  /** Instead of ours. */
  readonly ours?: Change;
}

/** Words of the call; `%` stands for the registry's host and port. */
const words = (line: string): string[] =>
  line
    .replaceAll('%', registry.host)
    .split(' ')
    .map((word) => (word === "''" ? '' : word));

/** Docker's name is ours. */
const renamed: Change = (text) =>
  text.replaceAll(/\bdocker(?= |:)/g, 'strata').replaceAll('a docker command', 'a strata command');

/** Our errors end in a line of advice, which docker lacks. */
const withoutHint: Change = (text) => text.replace(/\nHint: .*\n$/, '\n');

/** Compares one call. Layers' lines come in an order of chance: they are compared for each layer, see `pulled`. */
async function same(line: string, { theirs = (x) => x, ours = (x) => x }: Differences = {}): Promise<void> {
  const [docker, own] = await Promise.all([dockerd.docker(...words(line)), strata(words(line), { root })]);
  const shown = (result: RunResult, change: Change): unknown => ({
    code: result.code,
    stdout: pulled(change(result.stdout)),
    stderr: change(result.stderr),
  });
  expect(shown(own, (text) => ours(withoutHint(text)))).toEqual(
    shown(docker, (text) => theirs(renamed(text))),
  );
}

/**
 * The lines of layers, each layer's own in order; then the order in which they were complete; then the other lines.
 * Docker leaves Verifying Checksum out where it is quick, and says Waiting as chance will have it.
 */
function pulled(stdout: string): unknown {
  const lines = stdout.split('\n');
  const isLayer = (line: string): boolean => /^[0-9a-f]{12}: /.test(line);
  const layers = new Map<string, string[]>();
  for (const line of lines.filter(isLayer)) {
    const [id = '', status = ''] = line.split(': ');
    const said = layers.get(id) ?? [];
    layers.set(id, said);
    if (!['Verifying Checksum', 'Waiting'].includes(status)) said.push(status);
  }
  return {
    layers: Object.fromEntries(layers),
    order: [...layers.keys()],
    complete: lines.filter((line) => line.endsWith(': Pull complete')),
    others: lines.filter((line) => !isLayer(line)),
  };
}

/** A failure that both have, each in words of its own. */
const inOtherWords = (theirs: RegExp, ours: RegExp): Differences => ({
  theirs: (text) => text.replace(theirs, '(the same)'),
  ours: (text) => text.replace(ours, '(the same)'),
});

const graphDriver: Change = (text) =>
  text.replaceAll(
    /"GraphDriver": \{\s+"Data": (?:null|\{[^}]*\}),\s+"Name": "\w+"\s+\}/g,
    '"GraphDriver": {}',
  );

describe('pull', () => {
  it.each([
    'pull %/demo/web:1.0',
    'pull %/demo/web:1.0',
    'pull -q %/demo/hello',
    'pull --quiet=true %/demo/hello:latest',
    'image pull %/demo/web:1.1',
    'pull -a %/demo/web',
    'pull --all-tags --quiet %/demo/web',
    'pull -a %/demo/web:1.0',
    'pull --platform linux/arm64 %/oracle/tools',
    'pull --platform=linux/amd64 %/oracle/tools',
    'pull --platform linux/arm/v7 --quiet %/oracle/tools',
  ])('%s', async (line) => await same(line));

  it.each<[string, Differences]>([
    ['pull', {}],
    ['pull a b', {}],
    ['pull --zz x', {}],
    ['pull -Z', {}],
    ['pull -qZ x', {}],
    ['pull --platform', {}],
    ['pull --quiet=maybe x', {}],
    ['pull -- --zz', inOtherWords(/invalid reference format\n/, /invalid reference format: .*\n/)],
    ['pull Foo', { ours: (text) => text.replace(/ \("(?:library\/)?Foo"\)/, '') }],
    ["pull ''", inOtherWords(/invalid reference format\n/, /invalid reference format: .*\n/)],
    ['pull a:b:c', inOtherWords(/invalid reference format\n/, /invalid reference format: .*\n/)],
    [
      'pull %/demo/web@sha256:abc',
      inOtherWords(/invalid reference format\n/, /invalid reference format: .*\n/),
    ],
    ['pull %/nosuch', inOtherWords(/daemon: .*manifest unknown\n/, /daemon: .*manifest unknown\n/)],
    ['pull %/demo/web:nosuch', inOtherWords(/daemon: .*manifest unknown\n/, /daemon: .*manifest unknown\n/)],
    [
      'pull -q %/demo/web:nosuch',
      inOtherWords(/daemon: .*manifest unknown\n/, /daemon: .*manifest unknown\n/),
    ],
    [
      'pull 127.0.0.1:1/x',
      inOtherWords(/Get ".*connection refused/, /cannot reach 127.0.0.1:1: connection refused/),
    ],
    [
      'pull --platform linux/s390x %/oracle/tools',
      inOtherWords(/list entries\n/, /list entries of .* \(it has linux\/amd64, .*\)\n/),
    ],
    [
      'pull --platform bogus/x/y/z %/oracle/tools',
      inOtherWords(/"bogus.*argument/, /"bogus.*is an invalid platform: use .*linux\/arm64/),
    ],
  ])('%s', async (line, differences) => await same(line, differences));
});

describe('images, history, inspect', () => {
  it.each([
    'images',
    'images -a',
    'images -q',
    'images --no-trunc',
    'images --digests',
    'images -q --no-trunc',
    'images --digests --no-trunc --all',
    'image ls',
    'image list -q',
    'images --zz',
    'images --digests=bogus',
    'history %/demo/web:1.0',
    'history %/demo/web:latest',
    'history --no-trunc %/oracle/tools',
    'history -q %/demo/web:1.0',
    'history -q --no-trunc %/demo/hello',
    'image history %/demo/hello',
    'history nosuch',
    'history %/demo/web:nosuch',
    'history',
    'history a b',
    'inspect nosuch',
    'image inspect nosuch',
    'image inspect',
    'inspect --zz',
  ])('%s', async (line) => await same(line));

  it.each([
    'inspect %/demo/hello',
    'inspect %/demo/web:1.0',
    'inspect %/oracle/tools nosuch %/demo/web:1.1',
    'image inspect %/demo/web:1.1 %/demo/web:1.0',
  ])('%s', async (line) => await same(line, { theirs: graphDriver, ours: graphDriver }));

  it('takes an ID and its prefixes for a name', async () => {
    const { stdout } = await dockerd.docker('images', '-q', '--no-trunc', `${registry.host}/demo/hello`);
    const id = stdout.trim();
    for (const text of [id, id.slice(7), id.slice(7, 19), id.slice(7, 11), id.slice(0, 15)]) {
      await same(`inspect ${text}`, { theirs: graphDriver, ours: graphDriver });
      await same(`history -q ${text}`);
    }
    await same(`inspect ${'0'.repeat(64)}`);
    await same(`history sha256:${'0'.repeat(64)}`);
  });
});

describe('the rest', () => {
  it.each<[string, Differences]>([
    ['foo', {}],
    // Theirs takes containers, networks and more.
    [
      'inspect',
      {
        theirs: (text) => text.replace(/Return low.*/, ''),
        ours: (text) => text.replace(/Display detailed.*/, ''),
      },
    ],
    // Both print their whole help behind it.
    [
      '--zz',
      {
        theirs: (text) => text.replace(/(?<=--help'\.\n)[^]*/, ''),
        ours: (text) => text.replace(/(?<=--help'\.\n)[^]*/, ''),
      },
    ],
    // The same commands, but for `build` and `copy`; what they do is said in words of our own.
    [
      'image foo',
      {
        theirs: (text) => text.replace(/^ {2}build .*\n/m, '').replaceAll(/^( {2}\w+) .*$/gm, '$1'),
        ours: (text) => text.replace(/^ {2}copy .*\n/m, '').replaceAll(/^( {2}\w+) .*$/gm, '$1'),
      },
    ],
  ])('%s', async (line, differences) => await same(line, differences));
});

describe('rmi', () => {
  it.each([
    'rmi',
    'rmi --zz',
    'rmi nosuch',
    'rmi -f nosuch',
    'rmi nosuch other:tag',
    'rmi %/demo/hello',
    'rmi %/demo/hello',
    'rmi %/demo/web:latest nosuch',
    'images',
    // The layers of 1.0 stand below those of 1.1.
    'rmi %/demo/web:1.0',
    'pull %/demo/web:1.0',
    'pull %/demo/web:latest',
  ])('%s', async (line) => await same(line));

  const idOf = async (name: string): Promise<string> => {
    const { stdout } = await dockerd.docker('inspect', '--format', '{{.Id}}', `${registry.host}/${name}`);
    return stdout.trim().slice(7, 19);
  };

  it('by ID: a conflict where two repositories name it, else all that goes', async () => {
    const id = await idOf('demo/web:1.1');
    await same(`rmi ${id}`);
    await pushImage(registry.url, 'other/name', '1', noisyImage([2000]));
    await pushImage(registry.url, 'third/name', '1', noisyImage([2000]));
    await same('pull -q %/other/name:1');
    await same('pull %/third/name:1');
    const shared = await idOf('other/name:1');
    await same(`rmi ${shared}`);
    await same(`rmi -f ${shared}`);
    await same(`rmi -f ${id}`);
    await same('images --digests');
  });

  it('by digest, and of an image without a tag', async () => {
    const { stdout } = await dockerd.docker(
      'inspect',
      '--format',
      '{{index .RepoDigests 0}}',
      `${registry.host}/demo/web:1.0`,
    );
    const byDigest = stdout.trim();
    await same('rmi %/demo/web:1.0');
    await same(`pull ${byDigest}`);
    await same(`pull ${byDigest}`);
    await same('images');
    await same('images --digests');
    await same(`inspect ${byDigest}`, { theirs: graphDriver, ours: graphDriver });
    await same(`history -q ${byDigest}`);
    await same(`rmi ${byDigest}`);
    await same('images -a');
  });

  it('a tag that moved leaves <none>', async () => {
    await pushImage(
      registry.url,
      'moving/tag',
      'latest',
      noisyImage([1000, 2000], { created: '2024-01-01T00:00:00Z' }),
    );
    await same('pull %/moving/tag');
    const old = await idOf('moving/tag');
    await pushImage(
      registry.url,
      'moving/tag',
      'latest',
      noisyImage([1000, 3000], { created: '2024-02-01T00:00:00Z' }),
    );
    await same('pull %/moving/tag');
    await same('images');
    await same('images --digests');
    await same('images -q');
    await same(`inspect ${old}`, { theirs: graphDriver, ours: graphDriver });
    await same(`rmi ${old}`);
    await same('rmi %/moving/tag');
    await same('images -a --digests');
  });
});

describe('a terminal', () => {
  /** Runs a command under a pty of 120 columns. */
  async function onTerminal(command: string, env: Readonly<Record<string, string>>): Promise<string> {
    const script = ['-qefc', `stty cols 120 rows 40; ${command}`, '/dev/null'];
    return await runOk(REAL_PARTS.script.path, script, {
      env: { ...env, TERM: 'xterm', SHELL: '/bin/sh' },
      timeout: 60_000,
    });
  }
  const both = async (args: string): Promise<{ docker: string; own: string }> => {
    const [docker, own] = await Promise.all([
      onTerminal(`${REAL_PARTS.docker.path} ${args}`, dockerd.env),
      onTerminal(`${process.execPath} ${cliFile()} ${args}`, environment({ root })),
    ]);
    return { docker, own };
  };

  it('shows the same lines in the end, by the same movements', async () => {
    const image = noisyImage([3_000_000, 2222, 3222, 4222, 5222]);
    await pushImage(registry.url, 'on/terminal', 'latest', image);
    // Slow enough for some steps of a bar.
    const big = image.layers[0]?.descriptor.digest;
    registry.faults.add({ match: blobs(big), action: drip(3_000_000) });
    const { docker, own } = await both(`pull ${registry.host}/on/terminal`);
    expect(finalScreen(own)).toEqual(finalScreen(docker));
    expect(finalScreen(own)).toHaveLength(2 + 5 + 3);

    const escape = '\u001b\\[';
    const update = new RegExp(`^${escape}[1-5]A${escape}2K\\r[0-9a-f]{12}: (.*?)\\r${escape}[1-5]B$`);
    const bar = /^Downloading \[=*>? *\] +[\d.]+[kM]?B\/[\d.]+[kM]?B$/;
    for (const output of [docker, own]) {
      // Every movement belongs to the rewriting of one line.
      const updates = output.split(new RegExp(`(?=${escape}\\dA)`)).slice(1);
      const texts = updates.map((each) => update.exec(each.replace(/(\d+B)[^]*$/, '$1'))?.[1]);
      expect(texts).not.toContain(undefined);
      const steps = texts.filter((text) => text?.startsWith('Downloading [') === true);
      expect(steps.length).toBeGreaterThan(2);
      for (const step of steps) expect(step).toMatch(bar);
      for (const status of ['Pulling fs layer ', 'Download complete ', 'Pull complete '])
        expect(texts).toContain(status);
    }
  });

  it.each([
    'images',
    'history %/on/terminal',
    'pull -q %/on/terminal',
    'pull %/on/terminal',
    'rmi nosuch || true',
  ])('prints the same: %s', async (line) => {
    const { docker, own } = await both(line.replaceAll('%', registry.host));
    expect(own).toBe(docker);
  });
});

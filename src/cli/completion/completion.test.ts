import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { App } from '../../app/index.ts';
import type { ListedImage } from '../../images/index.ts';
import { sha256 } from '../../oci/digest.ts';
import { run } from '../run.ts';
import { textFor } from '../text.ts';

const image = (seed: string, tags: readonly string[]): ListedImage =>
  ({ id: sha256(seed), tags, repoDigests: [], size: 1500 }) as unknown as ListedImage;

const IMAGES = [
  image('a', ['docker.io/library/alpine:3.20', 'docker.io/library/alpine:latest']),
  image('b', ['localhost:5000/team/app:1']),
  image('nameless', []),
];
const idOf = (seed: string): string => sha256(seed).slice('sha256:'.length);

/** What `complete` answers to these words, of which the last is being typed. */
async function complete(
  words: readonly string[],
  images: readonly ListedImage[] = IMAGES,
): Promise<string[]> {
  let out = '';
  const app = {
    listNames: ({ all = false } = {}) => Promise.resolve(images.filter(({ tags }) => all || tags.length > 0)),
  } as Partial<App> as App;
  const output = { write: (text: string) => void (out += text), isTerminal: false, columns: 0 };
  const code = await run(['complete', ...words], '1', {
    app,
    stdin: { stream: Readable.from([]), isTerminal: false },
    stdout: output,
    stdoutStream: new Writable(),
    stderr: { ...output, write: (text) => expect(text).toBe('') },
    env: { DOCKER_CONFIG: '/nonexistent' },
    signal: new AbortController().signal,
    text: textFor({}),
  });
  expect(code).toBe(0);
  expect(out).toMatch(/\n$|^:\d+\n$/);
  return out.split('\n').slice(0, -1);
}

const values = async (line: string): Promise<string[]> =>
  (await complete(['--', ...line.split(' ')])).map((answer) => answer.split('\t')[0] ?? '');

describe('complete', () => {
  it('offers commands and groups with what they do', async () => {
    const answers = await complete(['--', '']);
    expect(answers).toContain('pull\tPull an image or a repository from a registry');
    expect(answers).toContain('image\tManage images');
    expect(answers).toContain('fsck\tCheck every blob, reference and index of the store');
    expect(answers.at(-1)).toBe(':4');
    const names = answers.slice(0, -1).map((answer) => answer.split('\t')[0]);
    expect(names).toEqual([...names].sort());
    expect(names).not.toContain('complete');
    expect(names).not.toContain('prune');
  });

  it.each<[string, string[]]>([
    ['im', ['image', 'images', 'import', ':4']],
    ['image p', ['prune', 'pull', 'push', ':4']],
    ['help image l', ['load', 'ls', ':4']],
    ['--help rm', ['rmi', ':4']],
    ['system ', ['df', ':4']],
    ['--v', ['--version', ':4']],
    ['nonsense ', [':4']],
    ['image nonsense ', [':4']],
    ['completion z', ['zsh', ':4']],
    ['completion zsh ', [':4']],
    ['rmi --', ['--force', '--help', '--no-prune', ':4']],
    ['rmi -', ['--force', '--help', '--no-prune', '-f', '-h', ':4']],
    ['image rm --n', ['--no-prune', ':4']],
    ['images -f d', ['dangling=false', 'dangling=true', ':4']],
    ['images --filter=be', ['before=', ':6']],
    ['images -qf la', ['label=', ':6']],
    ['images --all=', ['true', 'false', ':4']],
    ['images --__proto__=', [':4']],
    ['images --format ', [':4']],
    ['pull --platform linux/arm/', ['linux/arm/v6', 'linux/arm/v7', ':4']],
    ['load -i ', [':0']],
    ['load --input=x', [':0']],
    ['rmi al', ['alpine:3.20', 'alpine:latest', ':4']],
    ['rmi --zz al', ['alpine:3.20', 'alpine:latest', ':4']],
    ['rmi -f alpine:l', ['alpine:latest', ':4']],
    ['rmi alpine:3.20 loc', ['localhost:5000/team/app:1', ':4']],
    ['rmi -- -', [':4']],
    ['history alpine:latest ', [':4']],
    ['images al', ['alpine', 'alpine:3.20', 'alpine:latest', ':4']],
    ['tag alpine:latest localhost:5', ['localhost:5000/team/app', 'localhost:5000/team/app:1', ':4']],
    ['tag a b ', [':4']],
    ['login ', ['docker.io', 'localhost:5000', ':4']],
  ])('strata %s', async (line, expected) => {
    expect(await values(line)).toEqual(expected);
  });

  it('offers IDs to who begins one, and those of images without a name', async () => {
    expect(await complete(['--', 'rmi', ''])).toContain(`${idOf('nameless').slice(0, 12)}\t<none>`);
    const a = idOf('a');
    expect(await complete(['--', 'inspect', a.slice(0, 4)])).toEqual([
      `${a.slice(0, 12)}\talpine:3.20`,
      ':4',
    ]);
    expect(await complete(['--', 'inspect', a.slice(0, 20)])).toEqual([`${a}\talpine:3.20`, ':4']);
    expect(await complete(['--', 'inspect', `sha256:${a.slice(0, 3)}`])).toEqual([
      `sha256:${a}\talpine:3.20`,
      ':4',
    ]);
  });

  it('says of a name which image it is', async () => {
    expect((await complete(['--', 'rmi', 'alpine:l']))[0]).toBe(
      `alpine:latest\t${idOf('a').slice(0, 12)} 1.5kB`,
    );
  });

  it.each([
    ['strata rmi alpine:l', 'l', ['latest', ':4']],
    ['strata rmi alpine:', '', ['3.20', 'latest', ':4']],
    ['strata rmi alp', 'alp', ['alpine:3.20', 'alpine:latest', ':4']],
    ['strata rmi localhost:5000/te', '5000/te', ['5000/team/app:1', ':4']],
    ['strata images --filter=dang', 'dang', ['dangling=false', 'dangling=true', ':4']],
    ['strata images --filter=dangling=t', 't', ['true', ':4']],
    ['strata images -f dangling=t', 't', ['true', ':4']],
    ['LANG=C X=1 strata rmi alp', 'alp', ['alpine:3.20', 'alpine:latest', ':4']],
    ['strata ', '', undefined],
  ])('gives bash what it will put in: %s', async (line, word, expected) => {
    const answers = (await complete([`--line=${line}`, `--word=${word}`])).map((text) => text.split('\t')[0]);
    if (expected === undefined) expect(answers).toContain('images');
    else expect(answers).toEqual(expected);
  });

  it('stays silent where the store cannot be read', async () => {
    const broken = new Proxy([], { get: () => expect.fail('unread') });
    expect(await complete(['--', 'rmi', ''], broken)).toEqual([':4']);
  });
});

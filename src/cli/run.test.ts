import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { App } from '../app/index.ts';
import { StrataError } from '../base/errors.ts';
import { sha256 } from '../oci/digest.ts';
import { failureText } from './failures.ts';
import { run } from './run.ts';
import { textFor } from './text.ts';

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const english = textFor({});
const chinese = textFor({ LANG: 'zh_CN.UTF-8' });

/** Runs a command line; what it asks of the app beyond these methods is a mistake of the test. */
async function strata(
  line: string,
  app: Partial<App> = {},
  { text = english, signal = new AbortController().signal } = {},
): Promise<Outcome> {
  const unknown = (_: unknown, method: string | symbol): never => {
    throw new Error(`the app is not asked for ${String(method)}`);
  };
  const whole = Object.setPrototypeOf({ ...app }, new Proxy({}, { get: unknown })) as App;
  let [out, err] = ['', ''];
  const stdout = { write: (more: string) => void (out += more), isTerminal: false, columns: 0 };
  const stderr = { ...stdout, write: (more: string) => void (err += more) };
  const words = line === '' ? [] : line.split(' ');
  const stdoutStream = new Writable({
    write: (chunk: Buffer, _, done) => {
      out += chunk.toString();
      done();
    },
  });
  const code = await run(words, '1.2.3', {
    app: whole,
    stdin: { stream: Readable.from([]), isTerminal: false },
    stdout,
    stdoutStream,
    stderr,
    env: {},
    signal,
    text,
  });
  return { code, out, err };
}

const fails = (error: Error) => (): Promise<never> => Promise.reject(error);
const notFound = fails(new StrataError('image-not-found', { name: 'gone:latest' }));

describe('help', () => {
  it.each(['', '--help', '-h', 'help', 'help --help'])('of the program: strata %s', async (line) => {
    const { code, out, err } = await strata(line);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^\nUsage: {2}strata \[OPTIONS\] COMMAND\n/);
    expect(out).toMatch(/\n {2}pull {8}Pull an image or a repository from a registry\n/);
    expect(out).toContain("Run 'strata COMMAND --help' for more information");
    expect(out).not.toContain('image ls');
  });

  it.each(['image --help', 'image -h', 'help image', '--help image'])(
    'of a group: strata %s',
    async (line) => {
      const { code, out, err } = await strata(line);
      expect([code, err]).toEqual([0, '']);
      const names = [...out.matchAll(/^ {2}(\w+) {2,}/gm)].map(([, name]) => name);
      expect(names).toEqual([...names].sort());
      expect(names).toEqual(expect.arrayContaining(['history', 'inspect', 'ls', 'pull', 'rm']));
      expect(names).not.toContain('images');
    },
  );

  it('of a group without a command is no failure, but no output either', async () => {
    const { code, out, err } = await strata('image');
    expect([code, out]).toEqual([0, '']);
    expect(err).toBe((await strata('image --help')).out);
  });

  it.each(['pull --help', 'pull -h', 'help pull', '--help pull', 'pull x y z --help'])(
    'of a command: strata %s',
    async (line) => {
      const { code, out } = await strata(line);
      expect(code).toBe(0);
      expect(out).toBe(
        [
          '',
          'Usage:  strata pull [OPTIONS] NAME[:TAG|@DIGEST]',
          '',
          'Pull an image or a repository from a registry',
          '',
          'Options:',
          '  -a, --all-tags                Download all tagged images in the repository',
          '      --disable-content-trust   Skip image verification (default true)',
          '      --platform string         Set platform if server is multi-platform',
          '                                capable',
          '  -q, --quiet                   Suppress verbose output',
          '',
        ].join('\n'),
      );
    },
  );

  it('names the command as it was called, and the other names beside that one', async () => {
    for (const line of ['image ls --help', 'image --help ls', 'help image ls']) {
      const { out } = await strata(line);
      expect(out).toContain('Usage:  strata image ls [OPTIONS]');
      expect(out).toContain('\nAliases:\n  ls, list\n');
    }
    expect((await strata('images --help')).out).not.toContain('Aliases');
  });

  it('is in Chinese where the person is', async () => {
    const { out } = await strata('pull --help', {}, { text: chinese });
    expect(out).toContain('用法:  strata pull');
    expect(out).toContain('从镜像仓库拉取镜像');
  });

  it.each(['--version', '-v'])('%s', async (line) => {
    expect(await strata(line)).toEqual({ code: 0, out: 'Strata version 1.2.3\n', err: '' });
  });
});

describe('what cannot be run', () => {
  it.each([
    ['nonsense', 1, "strata: 'nonsense' is not a strata command.\nSee 'strata --help'\n"],
    ['help nonsense', 1, 'unknown help topic: nonsense\n'],
    ['pull --nope x', 125, "unknown flag: --nope\nSee 'strata pull --help'.\n"],
    ['image rm -z x', 125, "unknown shorthand flag: 'z' in -z\nSee 'strata image rm --help'.\n"],
    ['pull --platform', 125, "flag needs an argument: --platform\nSee 'strata pull --help'.\n"],
  ])('strata %s', async (line, code, err) => {
    expect(await strata(line)).toEqual({ code, out: '', err });
  });

  it.each([
    ['pull', '"strata pull" requires exactly 1 argument.'],
    ['pull a b', '"strata pull" requires exactly 1 argument.'],
    ['rmi', '"strata rmi" requires at least 1 argument.'],
    ['image inspect', '"strata image inspect" requires at least 1 argument.'],
    ['images a b', '"strata images" requires at most 1 argument.'],
    ['image prune x', '"strata image prune" accepts no arguments.'],
  ])('strata %s has the wrong number of arguments', async (line, message) => {
    const { code, out, err } = await strata(line);
    expect([code, out]).toEqual([1, '']);
    expect(
      err.startsWith(`${message}\nSee 'strata ${line.replace(/ [abx].*/, '')} --help'.\n\nUsage:  strata`),
    ).toBe(true);
  });

  it.each([
    ['--nope', 'unknown flag: --nope', 'strata', '[OPTIONS] COMMAND'],
    ['-n images', "unknown shorthand flag: 'n' in -n", 'strata', '[OPTIONS] COMMAND'],
    ['image --nope', 'unknown flag: --nope', 'strata image', 'COMMAND'],
  ])('strata %s, and the help behind it', async (line, sentence, command, usage) => {
    const { code, out, err } = await strata(line);
    expect([code, out]).toEqual([125, '']);
    expect(err).toContain(`${sentence}\nSee '${command} --help'.\n\nUsage:  ${command} ${usage}\n`);
  });

  it('an unknown command of a group shows the group', async () => {
    const { code, out, err } = await strata('image nonsense');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('Usage:  strata image COMMAND');
  });
});

describe('exit codes', () => {
  it('130 for an interrupt, and what was kept is said', async () => {
    const controller = new AbortController();
    controller.abort();
    const pull = fails(controller.signal.reason as Error);
    const expected = { code: 130, out: '', err: `\n${english.interrupted}\n` };
    expect(await strata('pull x', { pull })).toEqual(expected);
    expect(await strata('pull x', { pull: fails(new Error('echo')) }, { signal: controller.signal })).toEqual(
      expected,
    );
  });

  it('1 for a failure', async () => {
    expect(await strata('history gone', { history: notFound })).toEqual({
      code: 1,
      out: '',
      err: 'Error response from daemon: No such image: gone:latest\n',
    });
  });
});

describe('rmi', () => {
  it('goes on behind a failure, and names it at the end', async () => {
    const remove: App['remove'] = async (name) =>
      name === 'gone'
        ? await notFound()
        : [
            { kind: 'untagged', name },
            { kind: 'deleted', id: sha256(name) },
          ];
    expect(await strata('rmi gone here', { remove })).toEqual({
      code: 1,
      out: `Untagged: here\nDeleted: ${sha256('here')}\n`,
      err: 'Error: No such image: gone\n',
    });
    expect(await strata('rmi -f gone', { remove })).toEqual({
      code: 0,
      out: '',
      err: 'Error: No such image: gone\n',
    });
  });

  it('hands its options on, and prints conflicts as the daemon does', async () => {
    const asked: unknown[] = [];
    const remove: App['remove'] = async (name, options) => {
      asked.push([name, options]);
      return await fails(
        new StrataError('image-conflict', { name, detail: 'in use', forceable: true, reason: 'names' }),
      )();
    };
    const { code, err } = await strata('image remove --no-prune -f a', { remove });
    expect([code, err]).toEqual([1, 'Error response from daemon: conflict: in use\n']);
    expect(asked).toEqual([['a', { force: true, noPrune: true }]]);
  });
});

describe('inspect', () => {
  it('prints what it finds and names what it lacks', async () => {
    const inspect: App['inspect'] = async (name) =>
      name === 'gone' ? await notFound() : ({ Id: name } as never);
    expect(await strata('inspect a gone', { inspect })).toEqual({
      code: 1,
      out: '[\n    {\n        "Id": "a"\n    }\n]\n',
      err: 'Error: No such object: gone\n',
    });
    expect((await strata('image inspect gone', { inspect })).err).toBe('Error: No such image: gone\n');
  });
});

describe('pull', () => {
  const result = {
    reference: 'docker.io/library/app:1',
    familiar: 'app:1',
    digest: sha256('m'),
    imageId: sha256('i'),
    newer: true,
  };

  it('ends with digest, status and reference', async () => {
    const requests: unknown[] = [];
    const pull: App['pull'] = (request) => {
      requests.push(request);
      return Promise.resolve(result);
    };
    expect(await strata('pull --platform linux/arm64 app:1', { pull })).toEqual({
      code: 0,
      out: `Digest: ${result.digest}\nStatus: Downloaded newer image for app:1\ndocker.io/library/app:1\n`,
      err: '',
    });
    expect(requests).toEqual([{ name: 'app:1', platform: 'linux/arm64' }]);
    expect((await strata('pull -q app:1', { pull })).out).toBe('docker.io/library/app:1\n');
  });

  it('takes all tags one after the other', async () => {
    const names: string[] = [];
    const pull: App['pull'] = ({ name }) => {
      names.push(name);
      return Promise.resolve({ ...result, newer: false });
    };
    const remoteTags: App['remoteTags'] = () => Promise.resolve(['1', '2']);
    const { code, out } = await strata('pull -a app', { pull, remoteTags });
    expect([code, names]).toEqual([0, ['app:1', 'app:2']]);
    expect(out).toMatch(/Status: Image is up to date for app\ndocker.io\/library\/app\n$/);
    expect(await strata('pull -a app:1')).toEqual({
      code: 1,
      out: '',
      err: "tag can't be used with --all-tags/-a\n",
    });
  });
});

describe('failureText', () => {
  it('names the daemon, but not where the client itself found the failure', () => {
    expect(failureText(new Error('odd'), english)).toBe('Error response from daemon: odd');
    const name = new StrataError('reference-invalid', { name: 'X', part: 'X', reason: 'uppercase' });
    expect(failureText(name, english)).toBe(name.message);
  });

  it('says what to do, in the language of the person', () => {
    const full = new StrataError('disk-full', { path: '/s', needed: 2, free: 1 });
    expect(failureText(full, english)).toBe(
      `Error response from daemon: ${full.message}\nHint: ${english.remedies.diskFull}`,
    );
    expect(failureText(full, chinese)).toContain(`\n提示: ${chinese.remedies.diskFull}`);
  });
});

describe('textFor', () => {
  it.each([
    [{}, english],
    [{ LANG: 'zh_CN.UTF-8' }, chinese],
    [{ LANG: 'zh' }, chinese],
    [{ LANG: 'zh_TW.UTF-8' }, english],
    [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }, english],
    [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'zh_CN.UTF-8' }, chinese],
    [{ LANG: 'zh_CN.UTF-8', LC_ALL: '' }, chinese],
  ])('%o', (env, expected) => {
    expect(textFor(env)).toBe(expected);
  });

  it('has the same texts in both languages, none of them empty', () => {
    const flat = (value: object, path = ''): string[] =>
      Object.entries(value).flatMap(([key, item]: [string, unknown]) =>
        typeof item === 'object' && item !== null ? flat(item, `${path}${key}.`) : [`${path}${key}`],
      );
    expect(flat(chinese)).toEqual(flat(english));
    expect(JSON.stringify(chinese)).not.toContain('""');
  });
});

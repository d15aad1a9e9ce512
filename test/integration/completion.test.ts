import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cliFile, environment, strata } from '../support/cli.ts';
import { createPullWorld, noisyImage } from '../support/pullWorld.ts';
import type { PullWorld } from '../support/pullWorld.ts';
import { REAL_PARTS, requireParts } from '../support/realParts.ts';
import { run, runOk } from '../support/run.ts';

/** The real shells, with the scripts that `strata completion` prints: what stands on the line after a Tab. */

let world: PullWorld;
let env: Record<string, string>;
let name: string;

beforeAll(async () => {
  requireParts('bash', 'zsh', 'fish', 'script');
  world = await createPullWorld();
  name = await world.push('shelled/image', noisyImage([1000]));
  const app = world.open();
  await app.pull({ name });
  await app.close();
  // The launcher lies beside the bundle, as in the extension; Node stands on the PATH.
  const bin = join(dirname(cliFile()), 'bin');
  await chmod(join(bin, 'strata'), 0o755);
  const path = [bin, dirname(process.execPath), process.env.PATH ?? ''].join(delimiter);
  env = { ...environment({ root: world.root }), PATH: path, TERM: 'dumb', COLUMNS: '200' };
  await mkdir(join(world.folder, 'files'));
  await writeFile(join(world.folder, 'files/archive.tar'), '');
});
afterAll(() => world.close());

/** A shell on a terminal, fed as by a keyboard. */
class Typist {
  readonly #child;
  #screen = '';
  readonly #seen: (() => void)[] = [];

  constructor(command: string) {
    this.#child = spawn(REAL_PARTS.script.path, ['-qefc', command, '/dev/null'], {
      env: { ...env, SHELL: '/bin/sh' },
      cwd: join(world.folder, 'files'),
    });
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#screen += chunk.toString();
      for (const look of this.#seen.splice(0)) look();
    });
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits until the screen shows this. @returns all that it has shown */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#screen)) {
      await new Promise<void>((resolve) => this.#seen.push(resolve));
    }
    return this.#screen;
  }

  async end(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.kill();
    await closed;
  }
}

/** Types a line with tabs into a shell and lets `echo` print its words. */
async function typed(shell: 'bash' | 'zsh', line: string, expected: string): Promise<void> {
  const start = {
    bash: `${REAL_PARTS.bash.path} --norc --noprofile -i`,
    zsh: `${REAL_PARTS.zsh.path} -f -i`,
  }[shell];
  const load = {
    bash: 'source <(strata completion bash)',
    zsh: 'autoload -U compinit; compinit -u -D; source <(strata completion zsh)',
  }[shell];
  const typist = new Typist(start);
  try {
    typist.type(`PS1='> '; unset zle_bracketed_paste; ${load}; echo lo''aded\n`);
    await typist.until(/^loaded/m);
    typist.type(line);
    // The shell draws the completed word; what it holds is proved by running it.
    await typist.until(new RegExp(expected.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&')));
  } finally {
    await typist.end();
  }
}

describe.each(['bash', 'zsh'] as const)('%s', (shell) => {
  it.each<[string, string]>([
    ['strata histo\t', 'strata history'],
    ['strata image hist\t', 'strata image history'],
    ['strata rmi --no\t', 'strata rmi --no-prune'],
    ['strata pull --platform windows\t', 'strata pull --platform windows/amd64'],
    ['strata load -i arch\t', 'strata load -i archive.tar'],
    ['strata images --filter=ref\t', 'strata images --filter=reference='],
  ])('%j', async (line, expected) => await typed(shell, line, expected));

  it('completes names with colons', async () => {
    await typed(shell, `strata rmi 127\t`, `strata rmi ${name}:latest`);
    await typed(shell, `strata rmi ${name}:la\t`, `strata rmi ${name}:latest`);
    await typed(shell, `strata login 127\t`, `strata login ${world.registry.host}`);
  });

  it('runs nothing of the line', async () => {
    const mark = join(world.folder, `ran-${shell}`);
    await typed(shell, `strata rmi $(touch ${mark}) --no\t`, '--no-prune');
    expect((await run('ls', [mark])).code).not.toBe(0);
  });
});

it('zsh shows what the candidates are', async () => {
  await typed('zsh', 'strata image p\t', 'Remove unused images');
});

describe('fish', () => {
  const fish = async (line: string): Promise<string[]> => {
    const script = `strata completion fish | source; complete -C ${JSON.stringify(line)}`;
    const stdout = await runOk(REAL_PARTS.fish.path, ['--no-config', '-c', script], {
      env,
      cwd: join(world.folder, 'files'),
    });
    return stdout.trim().split('\n');
  };

  it.each([
    ['strata histo', ['history\tShow the history of an image']],
    ['strata image hist', ['history\tShow the history of an image']],
    ['strata rmi --no', ['--no-prune\tDo not delete untagged parents']],
    ['strata load -i arch', ['archive.tar']],
    ['strata images --filter=ref', ['--filter=reference=']],
    ['strata pull --platform windows', ['windows/amd64']],
  ])('%s', async (line, expected) => {
    expect(await fish(line)).toEqual(expected);
  });

  it('completes names', async () => {
    expect(await fish('strata rmi 127')).toEqual([
      expect.stringMatching(`^${name}:latest\t[0-9a-f]{12} 1kB$`),
    ]);
    expect(await fish(`strata rmi ${name}:la`)).toEqual([expect.stringMatching(`^${name}:latest\t`)]);
  });
});

/** It is no Debian package: its script is held to the call that it makes and to the answer that it reads. */
describe('powershell', () => {
  it('registers a completer that asks as the other scripts do', async () => {
    const { code, stdout } = await strata(['completion', 'powershell'], { root: world.root });
    expect(code).toBe(0);
    expect(stdout).toContain("Register-ArgumentCompleter -CommandName 'strata'");
    expect(stdout).toContain(`$RequestComp = "& strata complete '--' $QuotedArgs"`);
    expect(stdout).toContain("[int]$Directive = $Out[-1].TrimStart(':')");
    const answer = await strata(['complete', '--', 'rmi', '127'], { root: world.root });
    expect(answer.stdout).toMatch(new RegExp(`^${name}:latest\t[0-9a-f]{12} 1kB\n:4\n$`));
  });
});

it('a shell that there is none for is named', async () => {
  const { code, stderr } = await strata(['completion', 'tcsh'], { root: world.root });
  expect([code, stderr]).toEqual([1, 'unknown shell "tcsh": there are bash, zsh, fish, powershell\n']);
});

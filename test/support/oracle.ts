import { expect } from 'vitest';
import { cliFile, environment } from './cli.ts';
import type { Dockerd } from './dockerd.ts';
import { REAL_PARTS } from './realParts.ts';
import { run } from './run.ts';
import type { RunResult } from './run.ts';

type Change = (text: string) => string;

/** What may differ between docker's answer and ours; all else is compared byte for byte. */
export interface Allowances {
  /** The rows come in an order of chance (Go's maps): they are compared sorted. */
  readonly sorted?: boolean;
  /** Ages of what was just made: they are compared without the number, and columns by their cells. */
  readonly young?: boolean;
  /** Instead of docker's words, and of ours. */
  readonly theirs?: Change;
  readonly ours?: Change;
  /** What both read from standard input. */
  readonly input?: string;
}

/** Our command line beside the real docker 20.10.24: the same calls in the same order. */
export class Oracle {
  readonly #dockerd: Dockerd;
  readonly #root: string;
  readonly #names: Readonly<Record<string, string>>;

  /** @param names words that stand for others in a call: `{ '%': 'localhost:5000' }` */
  constructor(dockerd: Dockerd, root: string, names: Readonly<Record<string, string>> = {}) {
    this.#dockerd = dockerd;
    this.#root = root;
    this.#names = names;
  }

  /** Runs both, and holds exit code, stdout and stderr of one against the other's. */
  async same(call: string | readonly string[], allowances: Allowances = {}): Promise<void> {
    const { docker, own } = await this.both(call, allowances.input);
    const { theirs = same, ours = same } = allowances;
    const shown = ({ code, stdout, stderr }: RunResult, change: Change): unknown => ({
      code,
      stdout: settle(change(stdout), allowances),
      stderr: settle(change(stderr), allowances),
    });
    expect(shown(own, (text) => ours(withoutHint(text)))).toEqual(
      shown(docker, (text) => theirs(renamed(text))),
    );
  }

  /** A call is words between spaces, or a list of words; `''` is an empty one. */
  async both(
    call: string | readonly string[],
    input?: string,
  ): Promise<{ readonly docker: RunResult; readonly own: RunResult }> {
    const words = (typeof call === 'string' ? call.split(' ') : call).map((word) => this.#word(word));
    const options = { timeout: 120_000, ...(input === undefined ? {} : { input }) };
    const [docker, own] = await Promise.all([
      run(REAL_PARTS.docker.path, words, { ...options, env: this.#dockerd.env }),
      run(process.execPath, [cliFile(), ...words], { ...options, env: environment({ root: this.#root }) }),
    ]);
    return { docker, own };
  }

  #word(word: string): string {
    if (word === "''") return '';
    return Object.entries(this.#names).reduce((text, [name, value]) => text.replaceAll(name, value), word);
  }
}

const same: Change = (text) => text;

/** Docker's name is ours. */
const renamed: Change = (text) =>
  text.replaceAll(/\bdocker(?= |:)/g, 'strata').replaceAll('a docker command', 'a strata command');

/** Our errors end in a line of advice, which docker lacks. */
const withoutHint: Change = (text) => text.replace(/\nHint: .*\n$/, '\n');

/** Docker tells where its driver keeps the layers; ours keeps them elsewhere. */
export const withoutGraphDriver: Allowances = { theirs: graphDriver, ours: graphDriver };

function graphDriver(text: string): string {
  return text.replaceAll(
    /"GraphDriver": \{\s+"Data": (?:null|\{[^}]*\}),\s+"Name": "\w+"\s+\}/g,
    '"GraphDriver": {}',
  );
}

const AGE = /(?:Less than a second|About an? \w+|\d+ (?:second|minute|hour)s?)(?= ago)/g;

function settle(text: string, { sorted, young }: Allowances): string {
  const aged = young === true ? text.replaceAll(AGE, 'some time').replaceAll(/ {2,}/g, '  ') : text;
  return sorted === true ? aged.split('\n').toSorted().join('\n') : aged;
}

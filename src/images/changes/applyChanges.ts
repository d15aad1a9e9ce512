import { posix } from 'node:path';
import { StrataError } from '../../base/errors.ts';
import { dockerConfig } from '../dockerConfig.ts';
import { parseHealthcheck } from './healthcheck.ts';
import { ChangeError, parseChanges } from './parseChanges.ts';
import type { Instruction } from './parseChanges.ts';
import { exposedPorts } from './ports.ts';
import { expandWord, expandWords, WordError } from './shellWord.ts';
import { blankSeparated, jsonList, namedValues } from './words.ts';

/** An image's `config` in Docker's words. */
type Config = Readonly<Record<string, unknown>>;

const SHELL = ['/bin/sh', '-c'];
const SIGNAL =
  /^(?:SIG)?(?:ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN(?:\+\d+)?|RTMAX(?:-\d+)?)$/;

/**
 * A configuration with Dockerfile instructions applied: what `--change` of import and commit does
 * (moby builder/dockerfile, BuildFromConfig). STOPSIGNAL is taken too, as newer versions do.
 * @param changes each one instruction, or several lines
 * @returns all of Docker's fields, in its order
 * @throws StrataError `change-invalid` with Docker's sentence
 */
export function applyChanges(config: Config, changes: readonly string[]): Config {
  if (changes.length === 0) return asConfig(dockerConfig(config));
  try {
    const { instructions, escape } = parseChanges(changes);
    for (const { name } of instructions) {
      if (!VERBS.has(name)) throw new ChangeError(`${name.toLowerCase()} is not a valid change command`);
    }
    const state = new ConfigState(config, escape);
    for (const instruction of instructions) state.apply(instruction);
    return asConfig(dockerConfig(state.config));
  } catch (error) {
    if (!(error instanceof ChangeError || error instanceof WordError)) throw error;
    throw new StrataError('change-invalid', { detail: error.message }, { cause: error });
  }
}

function asConfig(value: unknown): Config {
  return value as Config;
}

const VERBS = new Set([
  'CMD',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
]);

class ConfigState {
  readonly config: Record<string, unknown>;
  readonly #escape: string;
  #hasCommand = false;

  constructor(config: Config, escape: string) {
    this.config = { ...config };
    this.#escape = escape;
  }

  apply(instruction: Instruction): void {
    const { name, flags, rest, original } = instruction;
    const [flag] = flags;
    if (flag !== undefined && name !== 'HEALTHCHECK') throw new ChangeError(`Unknown flag: ${flag.name}`);
    switch (name) {
      case 'CMD':
        this.config.Cmd = command(rest);
        this.#hasCommand = true;
        return;
      case 'ENTRYPOINT':
        this.#entrypoint(rest);
        return;
      case 'ENV':
        this.#env(rest);
        return;
      case 'EXPOSE':
        this.#expose(rest);
        return;
      case 'HEALTHCHECK':
        this.config.Healthcheck = parseHealthcheck(instruction);
        return;
      case 'LABEL':
        this.#label(rest);
        return;
      case 'ONBUILD':
        this.#onBuild(rest, original);
        return;
      case 'STOPSIGNAL':
        this.#stopSignal(rest);
        return;
      case 'USER':
        this.config.User = this.#word(name, rest);
        return;
      case 'VOLUME':
        this.#volume(rest);
        return;
      case 'WORKDIR':
        this.#workdir(this.#word(name, rest));
    }
  }

  #entrypoint(rest: string): void {
    const words = rest === '' ? [] : command(rest);
    this.config.Entrypoint = words.length === 0 ? null : words;
    // A command of before belongs to the entry point of before.
    if (!this.#hasCommand) this.config.Cmd = null;
  }

  #env(rest: string): void {
    const variables = this.#variables();
    const pairs = namedValues('ENV', rest, this.#escape).map((pair) =>
      this.#expanded('ENV', pair, variables),
    );
    const env = texts(this.config.Env);
    for (const [name, value] of pairs) {
      const at = env.findIndex((item) => item.split('=')[0] === name);
      if (at === -1) env.push(`${name}=${value}`);
      else env[at] = `${name}=${value}`;
    }
    this.config.Env = env;
  }

  #label(rest: string): void {
    const variables = this.#variables();
    const pairs = namedValues('LABEL', rest, this.#escape).map((pair) =>
      this.#expanded('LABEL', pair, variables),
    );
    this.config.Labels = { ...object(this.config.Labels), ...Object.fromEntries(pairs) };
  }

  #expanded(
    instruction: string,
    [name, value]: readonly [string, string],
    variables: ReadonlyMap<string, string>,
  ): readonly [string, string] {
    if (name === '') throw new ChangeError(`${instruction} names can not be blank`);
    return [expandWord(name, variables, this.#escape), expandWord(value, variables, this.#escape)];
  }

  #expose(rest: string): void {
    const words = blankSeparated(rest);
    if (words.length === 0) throw new ChangeError('EXPOSE requires at least one argument');
    const variables = this.#variables();
    const ports = words
      .flatMap((word) => expandWords(word, variables, this.#escape).words)
      .flatMap(exposedPorts);
    this.config.ExposedPorts = {
      ...object(this.config.ExposedPorts),
      ...Object.fromEntries(ports.map((port) => [port, {}])),
    };
  }

  #onBuild(rest: string, original: string): void {
    const [trigger] = blankSeparated(rest);
    if (trigger === undefined) throw new ChangeError('ONBUILD requires at least one argument');
    const verb = trigger.toUpperCase();
    if (verb === 'ONBUILD') throw new ChangeError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    if (verb === 'MAINTAINER' || verb === 'FROM') {
      throw new ChangeError(`${verb} isn't allowed as an ONBUILD trigger`);
    }
    this.config.OnBuild = [...texts(this.config.OnBuild), original.replace(/^\s*ONBUILD\s*/i, '')];
  }

  #stopSignal(rest: string): void {
    const signal = this.#word('STOPSIGNAL', rest);
    if (!SIGNAL.test(signal.toUpperCase()) && !/^[1-9]\d*$/.test(signal)) {
      throw new ChangeError(`Invalid signal: ${signal}`);
    }
    this.config.StopSignal = signal;
  }

  #volume(rest: string): void {
    const words = jsonList(rest) ?? blankSeparated(rest);
    if (words.length === 0) throw new ChangeError('VOLUME requires at least one argument');
    const variables = this.#variables();
    const paths = words.map((word) => expandWord(word, variables, this.#escape).trim());
    if (paths.includes('')) throw new ChangeError('VOLUME specified can not be an empty string');
    this.config.Volumes = {
      ...object(this.config.Volumes),
      ...Object.fromEntries(paths.map((path) => [path, {}])),
    };
  }

  #workdir(path: string): void {
    if (path === '') throw new ChangeError('cannot normalize nothing');
    const current = typeof this.config.WorkingDir === 'string' ? this.config.WorkingDir : '';
    const joined = posix.join('/', current, path);
    const isRoot = joined === '/';
    this.config.WorkingDir = path.startsWith('/') || isRoot ? path : joined.replace(/\/$/, '');
    if (isRoot && !path.startsWith('/')) this.config.WorkingDir = '/';
  }

  #word(instruction: string, rest: string): string {
    if (rest === '') throw new ChangeError(`${instruction} requires exactly one argument`);
    return expandWord(rest, this.#variables(), this.#escape);
  }

  #variables(): ReadonlyMap<string, string> {
    return new Map(
      texts(this.config.Env).map((item) => {
        const at = item.indexOf('=');
        return at === -1 ? [item, ''] : [item.slice(0, at), item.slice(at + 1)];
      }),
    );
  }
}

/** The words of a command: a list as it is, anything else for the shell. */
function command(rest: string): readonly string[] {
  return jsonList(rest) ?? (rest === '' ? SHELL : [...SHELL, rest]);
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function object(value: unknown): Config {
  return typeof value === 'object' && value !== null ? (value as Config) : {};
}

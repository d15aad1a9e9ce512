import { ChangeError } from './parseChanges.ts';
import type { Instruction } from './parseChanges.ts';
import { jsonList } from './words.ts';

/** Docker's HealthConfig; times in nanoseconds. */
export type Healthcheck = Readonly<Record<string, unknown>>;

const NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const FIELDS: Readonly<Record<string, string>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  retries: 'Retries',
};
const LEAST_NS = 1e6;

/** buildkit frontend/dockerfile/instructions/parse.go, parseHealthcheck. @throws ChangeError */
export function parseHealthcheck({ flags, rest }: Instruction): Healthcheck {
  const [, word = '', command = ''] = /^(\S*)\s*(.*)$/s.exec(rest) ?? [];
  if (word === '') throw new ChangeError('HEALTHCHECK requires at least one argument');
  const type = word.toUpperCase();
  if (type === 'NONE') {
    if (command !== '') throw new ChangeError('HEALTHCHECK NONE takes no arguments');
    return { Test: ['NONE'] };
  }
  const given = readFlags(flags);
  if (type !== 'CMD') throw new ChangeError(`Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`);
  const list = jsonList(command);
  const words = list ?? (command === '' ? [] : [command]);
  if (words.length === 0) throw new ChangeError('Missing command after HEALTHCHECK CMD');
  return { Test: [list === undefined ? 'CMD-SHELL' : 'CMD', ...words], ...settings(given) };
}

/** instructions/bflag.go, Parse. */
function readFlags(flags: Instruction['flags']): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const { name, value } of flags) {
    if (FIELDS[name] === undefined) throw new ChangeError(`Unknown flag: ${name}`);
    if (given.has(name)) throw new ChangeError(`Duplicate flag specified: ${name}`);
    if (value === undefined) throw new ChangeError(`Missing a value on flag: ${name}`);
    given.set(name, value);
  }
  return given;
}

function settings(given: ReadonlyMap<string, string>): Healthcheck {
  const result: Record<string, number> = {};
  for (const [name, field] of Object.entries(FIELDS)) {
    const value = given.get(name);
    if (value === undefined || value === '') continue;
    result[field] = name === 'retries' ? retries(value) : duration(name, value);
  }
  return result;
}

function retries(value: string): number {
  if (!/^[+-]?\d+$/.test(value)) {
    throw new ChangeError(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  const count = Number(value);
  if (count < 1) throw new ChangeError(`--retries must be at least 1 (not ${count})`);
  return count;
}

/** Go's time.ParseDuration: `1h30m`, `1.5s`. */
function duration(name: string, value: string): number {
  const [, sign = '', body = ''] = /^([+-]?)(.*)$/.exec(value) ?? [];
  const parts = [...body.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)];
  const isWhole = parts.map(([part]) => part).join('') === body && parts.length > 0;
  if (!isWhole && body !== '0') throw new ChangeError(`time: invalid duration ${JSON.stringify(value)}`);
  const ns = parts.reduce((sum, [, count = '', unit = '']) => sum + Number(count) * (NS[unit] ?? 0), 0);
  if (sign === '-' || ns < LEAST_NS) {
    throw new ChangeError(`Interval ${JSON.stringify(name)} cannot be less than 1ms`);
  }
  return Math.trunc(ns);
}

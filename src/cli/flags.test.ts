import { describe, expect, it } from 'vitest';
import { FlagError, parseFlags } from './flags.ts';
import type { Flags } from './flags.ts';

const FLAGS: Flags = {
  all: { short: 'a', type: 'boolean', description: '' },
  quiet: { short: 'q', type: 'boolean', description: '' },
  digests: { type: 'boolean', description: '' },
  platform: { short: 'p', type: 'string', description: '' },
};

function parse(line: string): { set: string[]; platform: string | undefined; args: readonly string[] } {
  const parsed = parseFlags(line === '' ? [] : line.split(' '), FLAGS);
  const set = ['all', 'quiet', 'digests', 'help'].filter((name) => parsed.isSet(name));
  return { set, platform: parsed.value('platform'), args: parsed.args };
}

describe('parseFlags', () => {
  it.each<[string, string[], string | undefined, string[]]>([
    ['', [], undefined, []],
    ['-aq x', ['all', 'quiet'], undefined, ['x']],
    ['x -a y', ['all'], undefined, ['x', 'y']],
    ['--all=false -q=true', ['quiet'], undefined, []],
    ['--all --all=0', [], undefined, []],
    ['-a=F --quiet=T', ['quiet'], undefined, []],
    ['--platform linux/arm64', [], 'linux/arm64', []],
    ['--platform=a=b', [], 'a=b', []],
    ['--platform=', [], '', []],
    ['--platform --all', [], '--all', []],
    ['-p x -p y', [], 'y', []],
    ['-px', [], 'x', []],
    ['-p=x', [], 'x', []],
    ['-aqpx y', ['all', 'quiet'], 'x', ['y']],
    ['-a -- -q --nonsense', ['all'], undefined, ['-q', '--nonsense']],
    ['- -a', ['all'], undefined, ['-']],
    ['-h', ['help'], undefined, []],
    ['x --help', ['help'], undefined, ['x']],
  ])('%s', (line, set, platform, args) => {
    expect(parse(line)).toEqual({ set, platform, args });
  });

  it.each([
    ['--nope', 'unknown flag: --nope'],
    ['--nope=1', 'unknown flag: --nope'],
    ['--constructor', 'unknown flag: --constructor'],
    ['--__proto__', 'unknown flag: --__proto__'],
    ['-x', "unknown shorthand flag: 'x' in -x"],
    ['-axq', "unknown shorthand flag: 'x' in -xq"],
    ['--platform', 'flag needs an argument: --platform'],
    ['-ap', "flag needs an argument: 'p' in -p"],
    ['--=x', 'bad flag syntax: --=x'],
    ['---all', 'bad flag syntax: ---all'],
    [
      '--digests=yes',
      'invalid argument "yes" for "--digests" flag: strconv.ParseBool: parsing "yes": invalid syntax',
    ],
    [
      '--all=tRUE',
      'invalid argument "tRUE" for "-a, --all" flag: strconv.ParseBool: parsing "tRUE": invalid syntax',
    ],
    ['-q=', "unknown shorthand flag: '=' in -="],
  ])('refuses %s', (line, message) => {
    expect(() => parse(line)).toThrow(FlagError);
    expect(() => parse(line)).toThrow(message);
  });
});

import { describe, expect, it } from 'vitest';
import { FlagError, parseFlags } from './flags.ts';
import type { Flags } from './flags.ts';
import { parseInt64 } from './flagValues.ts';

const FLAGS: Flags = {
  all: { short: 'a', type: 'boolean', description: '' },
  quiet: { short: 'q', type: 'boolean', description: '' },
  digests: { type: 'boolean', description: '' },
  platform: { short: 'p', type: 'string', description: '' },
  'no-trunc': { type: 'boolean', description: '' },
  limit: { type: 'number', default: '25', description: '' },
  filter: { short: 'f', type: 'filter', description: '' },
  change: { short: 'c', type: 'list', description: '' },
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
    ['--platform -5 x', [], '-5', ['x']],
    ['-p -- x', [], '--', ['x']],
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
    ['-5', "unknown shorthand flag: '5' in -5"],
    ['--trunc', 'unknown flag: --trunc'],
    // The first that is wrong is named, whoever finds it.
    ['--nope --platform', 'unknown flag: --nope'],
    ['--all=x --nope', 'invalid argument "x" for "-a, --all" flag'],
    ['--nope --all=x', 'unknown flag: --nope'],
    ['--limit x', 'invalid argument "x" for "--limit" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    ['--limit=', 'invalid argument "" for "--limit" flag: strconv.ParseInt: parsing "": invalid syntax'],
    [
      '--limit 9223372036854775808',
      'invalid argument "9223372036854775808" for "--limit" flag: strconv.ParseInt: parsing "9223372036854775808": value out of range',
    ],
    ['-f x', 'invalid argument "x" for "-f, --filter" flag: bad format of filter (expected name=value)'],
  ])('refuses %s', (line, message) => {
    expect(() => parse(line)).toThrow(FlagError);
    expect(() => parse(line)).toThrow(message);
  });

  it('keeps all values of a list, and of filters by their key', () => {
    const parsed = parseFlags(
      [
        '-f',
        'Label=a=b',
        '--filter=label = c',
        '--filter=',
        '-f',
        'until=1h',
        '-c',
        'CMD a',
        '--change=',
        '-c',
        '-x',
      ],
      FLAGS,
    );
    expect(parsed.filters('filter')).toEqual({ label: ['a=b', 'c'], until: ['1h'] });
    expect(parsed.list('change')).toEqual(['CMD a', '', '-x']);
    expect(parsed.list('filter')).toHaveLength(4);
  });

  it('has the default where an option is not given', () => {
    expect(parseFlags([], FLAGS).number('limit')).toBe(25);
    expect(parseFlags(['--limit', '3'], FLAGS).number('limit')).toBe(3);
    expect(parseFlags([], FLAGS).number('platform')).toBeUndefined();
  });

  it('knows a flag that begins with no-', () => {
    expect(parseFlags(['--no-trunc'], FLAGS).isSet('no-trunc')).toBe(true);
    expect(parseFlags([], FLAGS).isSet('no-trunc')).toBe(false);
    expect(parseFlags(['--no-trunc', '--no-trunc=false'], FLAGS).isSet('no-trunc')).toBe(false);
  });
});

describe('parseInt64', () => {
  it.each<[string, number | string]>([
    ['0', 0],
    ['-17', -17],
    ['+5', 5],
    ['0x1F', 31],
    ['0X_1f', 31],
    ['017', 15],
    ['0o17', 15],
    ['0b101', 5],
    ['1_000', 1000],
    ['-9223372036854775808', -(2 ** 63)],
    ['-9223372036854775809', 'value out of range'],
    ['', 'invalid syntax'],
    ['-', 'invalid syntax'],
    ['08', 'invalid syntax'],
    ['1__0', 'invalid syntax'],
    ['_1', 'invalid syntax'],
    ['1_', 'invalid syntax'],
    ['1.5', 'invalid syntax'],
    [' 1', 'invalid syntax'],
    ['0x', 'invalid syntax'],
  ])('%s', (text, expected) => {
    expect(parseInt64(text)).toBe(expected);
  });
});

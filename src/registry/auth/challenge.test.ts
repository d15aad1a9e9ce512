import { describe, expect, it } from 'vitest';
import { parseChallenges } from './challenge.ts';

const read = (header: string): unknown =>
  parseChallenges(header).map(({ scheme, params }) => [scheme, Object.fromEntries(params)]);

describe('parseChallenges', () => {
  it.each<[string, unknown]>([
    [
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
      [
        [
          'bearer',
          {
            realm: 'https://auth.docker.io/token',
            service: 'registry.docker.io',
            scope: 'repository:a/b:pull,push',
          },
        ],
      ],
    ],
    ['BASIC Realm = "x y"', [['basic', { realm: 'x y' }]]],
    ['Basic', [['basic', {}]]],
    ['Bearer realm=https://a.test/t , service=s', [['bearer', { realm: 'https://a.test/t', service: 's' }]]],
    [
      'Basic realm="a, b=\\"c\\"", Bearer realm="https://t.test"',
      [
        ['basic', { realm: 'a, b="c"' }],
        ['bearer', { realm: 'https://t.test' }],
      ],
    ],
    [
      'Negotiate YWJj==, NTLM, Bearer realm="r"',
      [
        ['negotiate', {}],
        ['ntlm', {}],
        ['bearer', { realm: 'r' }],
      ],
    ],
    [', ,Basic realm="x",,', [['basic', { realm: 'x' }]]],
    ['Bearer realm="first", realm="second"', [['bearer', { realm: 'first' }]]],
    ['Bearer realm=""', [['bearer', { realm: '' }]]],
    ['', []],
    ['"', []],
    ['=x', []],
    ['Bearer realm="no end', [['bearer', {}]]],
    ['Bearer realm="end\\', [['bearer', {}]]],
    ['Bearer =', [['bearer', {}]]],
    ['Bearer realm=', [['bearer', {}]]],
    ['Bearer __proto__="x"', [['bearer', Object.fromEntries([['__proto__', 'x']])]]],
  ])('%s', (header, expected) => expect(read(header)).toEqual(expected));

  it.each([
    ['quotes', 'Bearer realm="' + '\\"'.repeat(50_000)],
    ['commas', ', '.repeat(50_000)],
    ['words', 'a '.repeat(50_000)],
    ['equals', 'a='.repeat(50_000)],
    ['token68', 'Basic ' + '='.repeat(100_000)],
    ['parameters', 'Bearer ' + 'a="b",'.repeat(30_000)],
  ])('ends soon on many %s', (_, header) => {
    const started = performance.now();
    parseChallenges(header);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

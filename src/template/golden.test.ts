import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import golden from '../../test/fixtures/template/golden.json' with { type: 'json' };
import { CallError, TemplateError } from './errors.ts';
import { DURATION, parseTemplate } from './index.ts';
import { fromJson } from './json.ts';
import type { Maybe, Method, StructType, Value } from './model.ts';
import { ANY, BOOL, FLOAT64, INT, INT64, listOf, mapOf, pointerTo, STRING, STRINGS, UINT8 } from './types.ts';
import { ofAny, ofInt, ofString, ofStrings } from './values.ts';

/** What Go itself printed, see test/fixtures/template/main.go; here stands the same data. */
const INNER: StructType = {
  kind: 'struct',
  name: 'main.inner',
  fields: [
    { name: 'A', type: STRING },
    { name: 'B', type: INT },
    { name: 'hidden', type: BOOL },
  ],
};
const textOf = (value: Maybe): string => (value?.kind === 'string' ? value.value : '');
const METHODS: readonly (readonly [string, Method])[] = [
  [
    'Hello',
    { params: [], call: (self) => ofString(`hello ${self.kind === 'struct' ? textOf(self.get('S')) : ''}`) },
  ],
  [
    'Repeat',
    {
      params: [STRING, INT],
      call: (_, [text, count]) => {
        const times = count?.kind === 'int' ? Number(count.value) : 0;
        if (times < 0) throw new CallError('strings: negative Repeat count');
        return ofString(textOf(text).repeat(times));
      },
    },
  ],
  [
    'Fail',
    {
      params: [],
      call: () => {
        throw new CallError('it failed: 100%');
      },
    },
  ],
];
const DATA: StructType = {
  kind: 'struct',
  name: 'main.data',
  fields: [
    { name: 'S', type: STRING },
    { name: 'Empty', type: STRING },
    { name: 'Uni', type: STRING },
    { name: 'N', type: INT },
    { name: 'Big', type: INT64 },
    { name: 'U', type: UINT8 },
    { name: 'F', type: FLOAT64 },
    { name: 'Yes', type: BOOL },
    { name: 'L', type: STRINGS },
    { name: 'NoL', type: STRINGS },
    { name: 'Ints', type: listOf(INT) },
    { name: 'Anys', type: listOf(ANY) },
    { name: 'M', type: mapOf(STRING) },
    { name: 'NoM', type: mapOf(STRING) },
    { name: 'Counts', type: mapOf(INT) },
    { name: 'In', type: INNER },
    { name: 'P', type: pointerTo(INNER) },
    { name: 'NoP', type: pointerTo(INNER) },
    { name: 'Any', type: ANY },
    { name: 'NoAny', type: ANY },
    { name: 'Raw', type: ANY },
    { name: 'D', type: DURATION },
    { name: 'secret', type: INT },
  ],
  methods: new Map(METHODS),
};
const given = fromJson(DATA, {
  S: 'text',
  Uni: '日本é',
  N: 42,
  U: 200,
  F: 2.5,
  Yes: true,
  L: ['a', 'b', 'c'],
  Ints: [3, 1, 2],
  M: { x: '1', key: '<b>', 'a.b': 'dotted' },
  Counts: { z: 26, a: 1 },
  In: { A: 'in', B: 7, hidden: true },
  P: { A: 'ptr', B: 8 },
  Any: 'any',
  Raw: {
    name: '<raw>',
    n: 12,
    f: 1.5,
    t: true,
    nil: null,
    l: [1, 'b', null],
    m: { b: '2', a: '1' },
  },
  D: 90_500_000_000,
  secret: 1,
});
/** What JSON cannot say. */
const others: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['Big', ofInt(2n ** 60n, INT64)],
  [
    'Anys',
    {
      kind: 'list',
      type: listOf(ANY),
      items: [
        ofAny(ofInt(1)),
        ofAny(ofString('two')),
        ofAny(undefined),
        ofAny({ kind: 'float', type: FLOAT64, value: 3.5 }),
        ofAny(ofStrings(['x'])),
      ],
    },
  ],
]);
const data: Value =
  given.kind === 'struct' ? { ...given, get: (name) => others.get(name) ?? given.get(name) } : given;

/** An address of Go's, which is of chance. */
const withoutAddress = (text: string): string => text.replaceAll(/0xc0[0-9a-f]{8}/g, '(address)');

function print(template: string): { output: string; error?: string } {
  try {
    return { output: withoutAddress(parseTemplate(template).execute(data)) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { output: withoutAddress(error.partial), error: error.message };
  }
}

describe('parseTemplate', () => {
  it('has a golden file of the cases that stand beside it', () => {
    const cases = readFileSync(new URL('../../test/fixtures/template/cases.txt', import.meta.url), 'utf8');
    const expected = cases.split('\n').filter((line) => line !== '');
    expect(golden.map(({ template }) => template.replaceAll('\n', '␤').replaceAll('\t', '↹'))).toEqual(
      expected,
    );
  });

  it.each(golden.map((one) => [one.template, one] as const))('%s', (template, { output, error }) => {
    const expected = { output: withoutAddress(output), ...(error === undefined ? {} : { error }) };
    expect(print(template)).toEqual(expected);
  });
});

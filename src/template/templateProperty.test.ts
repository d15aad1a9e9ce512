import { describe, expect, it } from 'vitest';
import { Random, testSeed } from '../../test/support/tarGenerator.ts';
import { TemplateGenerator } from '../../test/support/templateGenerator.ts';
import { MAX_TEMPLATE_CHARS, MAX_TEMPLATE_NESTING } from '../base/limits.ts';
import { anyFromJson, parseTemplate, TemplateError } from './index.ts';

const seed = testSeed();

const data = anyFromJson({
  S: 'text',
  N: 42,
  L: ['a', 'b', { c: 1 }],
  M: { a: 1, b: ['x'] },
  Nil: null,
  Deep: { a: { b: 'c' } },
});

/** What came of it; anything but a TemplateError comes out. */
function outcome(template: string): string | TemplateError {
  try {
    return parseTemplate(template).execute(data);
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw new Error(`${JSON.stringify(template)} threw`, { cause: error });
  }
}

function messageOf(template: string): string {
  const result = outcome(template);
  return typeof result === 'string' ? `printed ${result.length} characters` : result.message;
}

describe(`random templates (STRATA_SEED=${seed})`, () => {
  it('end, and throw nothing but TemplateError', () => {
    const generator = new TemplateGenerator(new Random(seed));
    const outcomes = Array.from({ length: 3000 }, () => outcome(generator.template()));
    const printed = outcomes.filter((result) => typeof result === 'string').length;
    // Were all refused, or none, nothing would be shown.
    expect(printed).toBeGreaterThan(100);
    expect(printed).toBeLessThan(2900);
    for (const result of outcomes) {
      if (typeof result === 'string') expect(result).not.toMatch(/[\ud800-\udfff]/u);
      else expect(result.message).toMatch(/^template: /);
    }
  });
});

/** Each calls the next one twice. */
function doubling(levels: number, last: string): string {
  const definitions = Array.from(
    { length: levels },
    (_, i) => `{{define "t${i}"}}{{template "t${i + 1}" .}}{{template "t${i + 1}" .}}{{end}}`,
  );
  return `${definitions.join('')}{{define "t${levels}"}}${last}{{end}}{{template "t0" .}}`;
}

describe('templates without measure', () => {
  it.each([
    ['x'.repeat(MAX_TEMPLATE_CHARS + 1), /longer than \d+ characters$/],
    [`{{${'('.repeat(MAX_TEMPLATE_NESTING + 1)}`, /nested more than/],
    ['{{if 1}}'.repeat(MAX_TEMPLATE_NESTING + 1), /nested more than/],
    [`{{if 0}}${'{{else if 0}}'.repeat(MAX_TEMPLATE_NESTING + 1)}`, /nested more than/],
    ['{{define "t"}}{{template "t" .}}{{end}}{{template "t" .}}', /exceeded maximum template depth/],
    [
      '{{define "t"}}{{with 1}}{{if (not (not true))}}{{template "t" (print (print 1))}}{{end}}{{end}}{{end}}{{template "t"}}',
      /exceeded maximum template depth/,
    ],
    [doubling(60, ''), /exceeded maximum of \d+ steps/],
    [doubling(20, '{{len (printf "%9999999d" 1)}}'), /exceeded maximum of \d+ steps/],
    [`{{$l := split (printf "%1000d" 1) ""}}${'{{range $l}}'.repeat(9)}${'{{end}}'.repeat(9)}`, /steps$/],
    [`{{$x := printf "%1000000d" 1}}${'{{$x = print $x $x}}'.repeat(30)}`, /more than \d+ characters$/],
    ['{{split (printf "%2000000d" 1) ""}}', /more than \d+ parts$/],
    [
      '{{$x := split (printf "%999999d" 1) ""}}{{len (join $x (printf "%1000000d" 1))}}',
      /more than \d+ characters$/,
    ],
    ['{{pad "x" 99999999999 1}}', /more than \d+ characters$/],
  ])('case %#', (template, message) => {
    expect(messageOf(template)).toMatch(message);
  });

  it('takes what is deep in the data, and stops there', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    const print = (): string => parseTemplate('{{json .}}').execute(anyFromJson(deep));
    expect(print).toThrow(/^template: .*nested more than \d+ times$/);
  });
});

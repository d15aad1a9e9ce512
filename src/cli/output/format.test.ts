import { describe, expect, it } from 'vitest';
import { FormatError, formatRows } from './format.ts';
import type { FormatRow } from './format.ts';

const ROWS: readonly FormatRow[] = [
  { ID: '111111111111', Tag: () => '<none>', Size: () => '1.2MB' },
  { ID: '222222222222', Tag: () => 'latest', Size: () => '12kB' },
];

function format(text: string, rows = ROWS): string {
  return formatRows({
    format: text,
    table: 'table {{.ID}}\t{{.Tag}}',
    raw: 'id: {{.ID}}\n',
    typeName: 'formatter.imageContext',
    unexported: ['trunc'],
    headings: { ID: 'IMAGE ID', Tag: 'TAG', Size: 'SIZE' },
    rows,
  });
}

/** What it says, and with which exit code. */
function failure(text: string): readonly [string, number] | undefined {
  try {
    format(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return [error.message, error.exitCode];
  }
}

const TABLE = 'IMAGE ID       TAG\n111111111111   <none>\n222222222222   latest\n';

// Each was seen of docker 20.10.24.
describe('formatRows', () => {
  it.each([
    ['', TABLE],
    ['table', TABLE],
    ['raw', 'id: 111111111111\n\nid: 222222222222\n\n'],
    ['{{.ID}}', '111111111111\n222222222222\n'],
    ['  {{.ID}}  ', '111111111111\n222222222222\n'],
    [' ', '\n\n'],
    ['table ', '\n\n\n'],
    ['json', 'json\njson\n'],
    ['{{.ID}}\\\\t\\t{{.Tag}}\\n', '111111111111\\\t\t<none>\n\n222222222222\\\t\tlatest\n\n'],
    ['tableau {{.Tag}}', 'au TAG\nau <none>\nau latest\n'],
    ['table {{.Tag}}\\t{{.Size}}', 'TAG       SIZE\n<none>    1.2MB\nlatest    12kB\n'],
    [
      'table {{upper .Tag}}\\t{{json .Size}}\\t{{truncate .ID 3}}\\t{{pad .Tag 1 2}}|',
      'TAG       SIZE      IMAGE ID    TAG  |\n<NONE>    "1.2MB"   111         <none>  |\nLATEST    "12kB"    222         latest  |\n',
    ],
    ['table {{split .Tag "t"}}', 'TAG\n[<none>]\n[la es ]\n'],
    ['table {{join (split .Tag "t") "-"}}', 'TAG\n<none>\nla-es-\n'],
    [
      '{{json .}}',
      '{"ID":"111111111111","Size":"1.2MB","Tag":"\\u003cnone\\u003e"}\n{"ID":"222222222222","Size":"12kB","Tag":"latest"}\n',
    ],
    ['{{json .Tag}}', '"<none>"\n"latest"\n'],
    ['{{.HeaderContext}} {{.Header}} {{.FullHeader}}', '{<nil>} <no value> <no value>\n'.repeat(2)],
    ['{{printf "%T" .}}', '*formatter.imageContext\n'.repeat(2)],
    // The line of headings ends where it fails.
    ['table {{.Tag}} {{if eq .Tag "TAG"}}{{len 3}}{{end}}x', 'TAG \n<none> x\nlatest x\n'],
  ])('%j', (text, expected) => {
    expect(format(text)).toBe(expected);
  });

  it('knows headings and no fields where there are no rows', () => {
    expect(format('table {{.Nope}} {{.ID}}', [])).toBe('<no value> IMAGE ID\n');
    expect(format('{{.Nope}}', [])).toBe('');
  });

  it.each([
    ['{{', 'template: :1: unclosed action'],
    ['{{foo}}', 'template: :1: function "foo" not defined'],
    [
      'table {{.ID}} {{.Foo}}',
      `template: :1:10: executing "" at <.Foo>: can't evaluate field Foo in type *formatter.imageContext`,
    ],
    [
      '{{.trunc}}',
      'template: :1:2: executing "" at <.trunc>: trunc is an unexported field of struct type *formatter.imageContext',
    ],
    ['{{.ID "x"}}', 'template: :1:2: executing "" at <.ID>: wrong number of args for ID: want 0 got 1'],
    ['{{.Tag.Foo}}', `template: :1:6: executing "" at <.Tag.Foo>: can't evaluate field Foo in type string`],
  ])('refuses %j', (text, message) => {
    expect(failure(text)).toEqual([`template parsing error: ${message}`, 1]);
  });

  it('asks a row only for what the template shows', () => {
    const asked: string[] = [];
    const row: FormatRow = { ID: () => (asked.push('ID'), 'x'), Tag: () => (asked.push('Tag'), 'y') };
    expect(format('{{.Tag}}', [row])).toBe('y\n');
    expect(asked).toEqual(['Tag']);
  });
});

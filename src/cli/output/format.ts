import {
  ANY,
  HEADING_FUNCTIONS,
  jsonString,
  ofAny,
  ofString,
  ofStringMap,
  parseTemplate,
  pointerTo,
  STRING,
  TemplateError,
  zeroOf,
} from '../../template/index.ts';
import type { MapType, Method, StructType, Template, Value } from '../../template/index.ts';
import { alignTabs } from './formatTabs.ts';

/** What a person's template made go wrong. The message is docker's; it has no prefix of the daemon. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  /** Docker's: 64 for a template of inspect that cannot be parsed, else 1. */
  readonly exitCode: number;

  constructor(error: TemplateError, exitCode = 1) {
    super(`template parsing error: ${error.message}`, { cause: error });
    this.exitCode = exitCode;
  }
}

/** Parses a template. @throws FormatError with this exit code */
export function parseFormat(text: string, exitCode = 1): Template {
  return orFormatError(exitCode, () => parseTemplate(text));
}

/** Lets a failure of a template come out as a FormatError. */
export function orFormatError<T>(exitCode: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof TemplateError ? new FormatError(error, exitCode) : error;
  }
}

/** The fields of one row by their names in Go: text, or what makes it when a template asks for it. */
export type FormatRow = Readonly<Record<string, string | (() => string) | TwoTexts>>;

/** A field that `json .` prints otherwise. */
interface TwoTexts {
  readonly shown: string;
  readonly json: string;
}

export interface RowsFormat {
  /** What `--format` says: a template, `table TEMPLATE`, `table`, or nothing. */
  readonly format: string;
  /** What stands for `table` alone and for nothing: `table {{.ID}}\t{{.Tag}}`, or with `-q` `{{.ID}}`. */
  readonly table: string;
  /** What stands for `raw`, where docker has it. */
  readonly raw?: string;
  /** Go's name of a row's type, which messages show: `formatter.imageContext`. */
  readonly typeName: string;
  /** Fields of that type that a template cannot have: docker says another thing of them. */
  readonly unexported?: readonly string[];
  /** The heading of each field. Fields without a heading get `<no value>`. */
  readonly headings: Readonly<Record<string, string>>;
  /** All with the same fields. */
  readonly rows: readonly FormatRow[];
}

/**
 * What docker's `--format` prints of rows (docker/cli 20.10, cli/command/formatter): each row and a line end, or with
 * `table` the headings first, and all aligned.
 *
 *     formatRows({
 *       format: 'table {{.ID}}\\t{{upper .Name}}',
 *       table: 'table {{.ID}}\\t{{.Name}}',
 *       typeName: 'formatter.imageContext',
 *       headings: { ID: 'IMAGE ID', Name: 'NAME' },
 *       rows: images.map((image) => ({ ID: image.id, Name: () => nameOf(image) })),
 *     });
 *
 * @throws FormatError whose message is to be printed as it is, and then nothing else
 */
export function formatRows(given: RowsFormat): string {
  const format = chosenFormat(given);
  const isTable = format.startsWith('table');
  const template = parseFormat(unescape(isTable ? format.slice('table'.length) : format));
  const toValue = rowValues(given);
  const lines = orFormatError(1, () => given.rows.map((row) => `${template.execute(toValue(row))}\n`)).join(
    '',
  );
  return isTable ? alignTabs(`${headingLine(template, given.headings)}\n${lines}`) : lines;
}

function chosenFormat({ format, table, raw }: RowsFormat): string {
  if (format === '' || format === 'table') return table;
  return format === 'raw' ? (raw ?? format) : format;
}

/** Spaces around a template go, and `\t` and `\n` as a shell passes them on become what they mean. */
function unescape(format: string): string {
  return format
    .replaceAll(/^ +| +$/g, '')
    .replaceAll(/\\([tn])/g, (_, letter) => (letter === 't' ? '\t' : '\n'));
}

const HEADINGS: MapType = {
  kind: 'map',
  name: 'formatter.SubHeaderContext',
  underlying: 'map[string]string',
  key: STRING,
  element: STRING,
};

/** The template on the headings. Where it fails docker prints what came before. */
function headingLine(template: Template, headings: RowsFormat['headings']): string {
  try {
    return template.execute(ofStringMap(headings, HEADINGS), { functions: HEADING_FUNCTIONS });
  } catch (error) {
    if (error instanceof TemplateError) return error.partial;
    throw error;
  }
}

const HEADER_CONTEXT: StructType = {
  kind: 'struct',
  name: 'formatter.HeaderContext',
  fields: [{ name: 'Header', type: ANY }],
};
const HEADER: Method = { params: [], call: () => ofAny(undefined) };

/** Makes of a row what docker hands to a template: a pointer to a structure whose methods are the fields. */
export function rowValues({
  typeName,
  unexported = [],
  rows,
}: Pick<RowsFormat, 'typeName' | 'unexported' | 'rows'>): (row: FormatRow) => Value {
  const names = Object.keys(rows[0] ?? {}).sort();
  const read = (name: string): Method => ({
    params: [],
    call: (self) => (self.kind === 'struct' ? self.get(name) : undefined),
  });
  const rowOf = new WeakMap<Value, FormatRow>();
  const jsonText = (self: Value, name: string): string => {
    const text = rowOf.get(self)?.[name] ?? '';
    return typeof text === 'object' ? text.json : shownText(text);
  };
  const type: StructType = {
    kind: 'struct',
    name: typeName,
    fields: [
      { name: 'HeaderContext', type: HEADER_CONTEXT },
      ...unexported.map((name) => ({ name, type: STRING })),
    ],
    methods: new Map([
      ['Header', HEADER],
      ['FullHeader', HEADER],
      ...names.map((name): [string, Method] => [name, read(name)]),
    ]),
    // Docker marshals the methods' results as a map of its own, with JSON's escapes for HTML.
    marshal: (self) =>
      `{${names.map((name) => `${jsonString(name, true)}:${jsonString(jsonText(self, name), true)}`).join(',')}}`,
  };
  const pointer = pointerTo(type);
  const fieldOf = (row: FormatRow, name: string): Value => {
    if (name === 'HeaderContext') return zeroOf(HEADER_CONTEXT);
    return ofString(shownText(row[name] ?? ''));
  };
  return (row) => {
    const target: Value = { kind: 'struct', type, get: (name) => fieldOf(row, name) };
    rowOf.set(target, row);
    return { kind: 'pointer', type: pointer, target };
  };
}

function shownText(text: FormatRow[string]): string {
  if (typeof text === 'object') return text.shown;
  return typeof text === 'string' ? text : text();
}

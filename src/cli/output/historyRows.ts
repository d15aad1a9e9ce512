import { humanSize } from '../../base/units.ts';
import type { HistoryRow } from '../../images/index.ts';
import { shortDigest } from '../../oci/digest.ts';
import { historyAge, localRfc3339 } from './ages.ts';
import { formatRows } from './format.ts';
import type { FormatRow } from './format.ts';
import { ellipsis } from './table.ts';

const MISSING = '<missing>';
const COMMAND_CELLS = 45;
const SIZE_DIGITS = 3;

export interface HistoryShown {
  /** IDs and commands in full. */
  readonly whole: boolean;
  /** Ages and rounded sizes; else times and bytes. */
  readonly human: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What a row of `history` shows: Docker's historyContext (docker/cli formatter, history.go). */
interface HistoryFields extends FormatRow {
  readonly Comment: string;
  readonly CreatedAt: string;
  readonly CreatedBy: string;
  readonly CreatedSince: string;
  readonly ID: string;
  readonly Size: string;
}

export function historyFields(row: HistoryRow, { whole, human, now }: HistoryShown): HistoryFields {
  const command = row.createdBy.replaceAll('\t', ' ');
  const time = localRfc3339(row.created);
  const id = row.id ?? MISSING;
  return {
    Comment: row.comment,
    CreatedAt: time,
    CreatedBy: whole ? command : ellipsis(command, COMMAND_CELLS),
    CreatedSince: human ? historyAge(row.created, now) : time,
    ID: whole || row.id === undefined ? id : shortDigest(id),
    Size: human ? humanSize(row.size, SIZE_DIGITS) : String(row.size),
  };
}

/** What `--format` prints of them. @throws FormatError */
export function formatHistory(
  rows: readonly HistoryRow[],
  format: string,
  quiet: boolean,
  shown: HistoryShown,
): string {
  const when = shown.human ? '{{.CreatedSince}}' : '{{.CreatedAt}}';
  return formatRows({
    format,
    table: quiet ? '{{.ID}}' : `table {{.ID}}\t${when}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`,
    typeName: 'image.historyContext',
    unexported: ['trunc', 'human', 'h'],
    headings: {
      ID: 'IMAGE',
      CreatedSince: 'CREATED',
      CreatedAt: 'CREATED AT',
      CreatedBy: 'CREATED BY',
      Size: 'SIZE',
      Comment: 'COMMENT',
    },
    rows: rows.map((row) => historyFields(row, shown)),
  });
}

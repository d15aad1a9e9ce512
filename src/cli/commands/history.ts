import { humanSize } from '../../base/units.ts';
import { shortDigest } from '../../oci/digest.ts';
import type { Command } from '../command.ts';
import { historyAge } from '../output/ages.ts';
import { ellipsis, formatTable } from '../output/table.ts';

const MISSING = '<missing>';
const COMMAND_CELLS = 45;
const SIZE_DIGITS = 3;

export const historyCommand: Command = {
  names: ['history', 'image history'],
  usage: '[OPTIONS] IMAGE',
  summary: 'history',
  flags: {
    'no-trunc': { type: 'boolean', description: "Don't truncate output" },
    quiet: { short: 'q', type: 'boolean', description: 'Only show image IDs' },
  },
  args: { min: 1, max: 1 },
  async run({ app, stdout }, parsed) {
    const rows = await app.history(parsed.args[0] ?? '');
    const whole = parsed.isSet('no-trunc');
    const showId = (id: string | undefined): string => {
      if (id === undefined) return MISSING;
      return whole ? id : shortDigest(id);
    };
    if (parsed.isSet('quiet')) {
      for (const row of rows) stdout.write(`${showId(row.id)}\n`);
      return 0;
    }
    const now = Date.now();
    const cells = rows.map((row) => {
      const command = row.createdBy.replaceAll('\t', ' ');
      return [
        showId(row.id),
        historyAge(row.created, now),
        whole ? command : ellipsis(command, COMMAND_CELLS),
        humanSize(row.size, SIZE_DIGITS),
        row.comment,
      ];
    });
    stdout.write(formatTable([['IMAGE', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT'], ...cells]));
    return 0;
  },
};

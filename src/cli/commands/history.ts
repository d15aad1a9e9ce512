import type { Command } from '../command.ts';
import { daemonFailureText } from '../failures.ts';
import { formatHistory, historyFields } from '../output/historyRows.ts';
import { formatTable } from '../output/table.ts';

export const historyCommand: Command = {
  names: ['history', 'image history'],
  usage: '[OPTIONS] IMAGE',
  summary: 'history',
  flags: {
    format: { type: 'string', description: 'Pretty-print rows using a Go template' },
    human: {
      short: 'H',
      type: 'boolean',
      default: 'true',
      description: 'Print sizes and dates in human readable format',
    },
    'no-trunc': { type: 'boolean', description: "Don't truncate output" },
    quiet: { short: 'q', type: 'boolean', description: 'Only show image IDs' },
  },
  args: { min: 1, max: 1 },
  completes: ['images'],
  async run({ app, stdout, stderr, text }, parsed) {
    let history;
    try {
      history = await app.history(parsed.args[0] ?? '');
    } catch (error) {
      stderr.write(`${daemonFailureText(error, text)}\n`);
      return 1;
    }
    const human = parsed.isSet('human');
    const shown = { whole: parsed.isSet('no-trunc'), human, now: Date.now() };
    const quiet = parsed.isSet('quiet');
    const format = parsed.value('format') ?? '';
    if (format !== '') {
      stdout.write(formatHistory(history, format, quiet, shown));
      return 0;
    }
    const rows = history.map((row) => historyFields(row, shown));
    if (quiet) {
      stdout.write(rows.map((row) => `${row.ID}\n`).join(''));
      return 0;
    }
    const headings = ['IMAGE', human ? 'CREATED' : 'CREATED AT', 'CREATED BY', 'SIZE', 'COMMENT'];
    const cells = rows.map((row) => [row.ID, row.CreatedSince, row.CreatedBy, row.Size, row.Comment]);
    stdout.write(formatTable([headings, ...cells]));
    return 0;
  },
};

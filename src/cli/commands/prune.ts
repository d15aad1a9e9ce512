import { addAbortSignal } from 'node:stream';
import { humanSize } from '../../base/units.ts';
import { MAX_ANSWER_CHARS } from '../../base/limits.ts';
import type { Command, CommandContext } from '../command.ts';
import { daemonFailureText } from '../failures.ts';

export const pruneCommand: Command = {
  names: ['image prune'],
  usage: '[OPTIONS]',
  summary: 'prune',
  flags: {
    all: { short: 'a', type: 'boolean', description: 'Remove all unused images, not just dangling ones' },
    filter: {
      type: 'filter',
      description: 'Provide filter values (e.g. "until=<timestamp>")',
      completes: ['label!=', 'label=', 'until='],
    },
    force: { short: 'f', type: 'boolean', description: 'Do not prompt for confirmation' },
  },
  args: { min: 0, max: 0 },
  async run(context, parsed) {
    const { app, stdout, stderr, text } = context;
    const all = parsed.isSet('all');
    if (!parsed.isSet('force') && !(await isConfirmed(context, all))) {
      stdout.write('Total reclaimed space: 0B\n');
      return 0;
    }
    try {
      const { records, reclaimedSize } = await app.prune({ all, filters: parsed.filters('filter') });
      const lines = records.map((record) =>
        record.kind === 'untagged' ? `untagged: ${record.name}\n` : `deleted: ${record.id}\n`,
      );
      const deleted = lines.length === 0 ? '' : `Deleted Images:\n${lines.join('')}\n`;
      stdout.write(`${deleted}Total reclaimed space: ${humanSize(reclaimedSize)}\n`);
      return 0;
    } catch (error) {
      stderr.write(`${daemonFailureText(error, text)}\n`);
      return 1;
    }
  },
};

/** Asks as Docker does (docker/cli command/utils.go, PromptForConfirmation): only `y` is a yes. */
async function isConfirmed({ stdin, stdout, signal }: CommandContext, all: boolean): Promise<boolean> {
  const what = all ? 'all images without at least one container associated to them' : 'all dangling images';
  stdout.write(`WARNING! This will remove ${what}.\nAre you sure you want to continue? [y/N] `);
  let answer = '';
  for await (const chunk of addAbortSignal(signal, stdin.stream)) {
    answer += String(chunk);
    if (answer.includes('\n') || answer.length > MAX_ANSWER_CHARS) break;
  }
  const [line = ''] = answer.split(/\r?\n/, 1);
  return line.toLowerCase() === 'y';
}

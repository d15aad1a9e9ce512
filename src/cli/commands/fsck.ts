import { humanSize } from '../../base/units.ts';
import type { FsckProblem, FsckReport } from '../../images/index.ts';
import type { Command, CommandContext, Output } from '../command.ts';
import { printable } from '../output/printable.ts';

const PROGRESS_INTERVAL_MS = 100;

export const fsckCommand: Command = {
  names: ['fsck'],
  usage: '[OPTIONS]',
  summary: 'fsck',
  details: 'fsck',
  flags: {
    format: { type: 'string', description: 'Print the report as JSON ("json")', completes: ['json'] },
    quiet: { short: 'q', type: 'boolean', description: 'Only show what is wrong' },
    repair: { type: 'boolean', description: 'Mend what is proved to be broken' },
  },
  args: { min: 0, max: 0 },
  async run(context, parsed) {
    const format = parsed.value('format') ?? '';
    if (format !== '' && format !== 'json') {
      context.stderr.write(`${context.text.fsck.unknownFormat(format)}\n`);
      return 1;
    }
    const repair = parsed.isSet('repair');
    const quiet = parsed.isSet('quiet');
    const progress = new Progress(context.stderr, context.text.fsck.checking, quiet || format !== '');
    let report: FsckReport;
    try {
      report = await context.app.fsck({
        repair,
        signal: context.signal,
        onProgress: ({ current, total }) => progress.show(current, total),
      });
    } finally {
      progress.clear();
    }
    if (format === 'json') context.stdout.write(`${JSON.stringify(report)}\n`);
    else print(context, report, { quiet, repair });
    return report.problems.some(isLeft) ? 1 : 0;
  },
};

const isLeft = ({ harmless, repaired }: FsckProblem): boolean => !harmless && repaired === undefined;

function print(
  { stdout, text }: CommandContext,
  { checked, bytes, problems }: FsckReport,
  { quiet, repair }: { readonly quiet: boolean; readonly repair: boolean },
): void {
  const words = text.fsck;
  for (const { kind, what, detail, harmless, repaired } of problems) {
    if (quiet && harmless) continue;
    const done = repaired === undefined ? '' : ` (${repaired})`;
    stdout.write(`${printable(`${words.kinds[kind]} ${what}: ${detail}${done}`)}\n`);
  }
  if (quiet) return;
  stdout.write(`${words.checked(checked, humanSize(bytes))}\n`);
  const wrong = problems.filter(({ harmless }) => !harmless).length;
  stdout.write(`${words.outcome({ wrong, left: problems.filter(isLeft).length, repair })}\n`);
}

/** One line that is written anew, where somebody looks on. */
class Progress {
  readonly #output: Output;
  readonly #lead: string;
  readonly #isShown: boolean;
  #shownAt = 0;

  constructor(output: Output, lead: string, quiet: boolean) {
    this.#output = output;
    this.#lead = lead;
    this.#isShown = output.isTerminal && !quiet;
  }

  show(current: number, total: number): void {
    const now = performance.now();
    if (!this.#isShown || now - this.#shownAt < PROGRESS_INTERVAL_MS) return;
    this.#shownAt = now;
    this.#output.write(`\r\x1b[2K${this.#lead} ${humanSize(current)}/${humanSize(total)}`);
  }

  clear(): void {
    if (this.#shownAt > 0) this.#output.write('\r\x1b[2K');
  }
}

import { humanSize } from '../../base/units.ts';
import type { DiskUsage } from '../../images/index.ts';
import type { Command } from '../command.ts';
import { formatDiskUsage, formatVerbose, verboseTables } from '../output/diskUsageRows.ts';
import type { Text } from '../text.ts';

export const systemDfCommand: Command = {
  names: ['system df'],
  usage: '[OPTIONS]',
  summary: 'diskUsage',
  flags: {
    format: { type: 'string', description: 'Pretty-print images using a Go template' },
    verbose: { short: 'v', type: 'boolean', description: 'Show detailed information on space usage' },
  },
  args: { min: 0, max: 0 },
  async run({ app, stdout, stderr, text }, parsed) {
    const format = parsed.value('format') ?? '';
    const verbose = parsed.isSet('verbose');
    const usage = await app.diskUsage();
    if (verbose && format !== '' && format !== 'table') {
      const printed = formatVerbose(usage, format, Date.now());
      stdout.write(printed.text);
      if (printed.failure === undefined) return 0;
      stderr.write(`${printed.failure}\n`);
      return 1;
    }
    stdout.write(verbose ? verboseTables(usage, Date.now()) : formatDiskUsage(usage, format));
    // A format is read by programs, and they get what Docker gives them.
    if (format === '') stdout.write(`\n${sharing(usage, text)}\n`);
    return 0;
  },
};

/** What sharing saves, which Docker's table does not tell. */
function sharing({ sumOfSizes, layersSize, bytesOnDisk }: DiskUsage, text: Text): string {
  return text.diskUsage.sharing({
    sum: humanSize(sumOfSizes),
    layers: humanSize(layersSize),
    saved: humanSize(sumOfSizes - layersSize),
    disk: humanSize(bytesOnDisk),
  });
}

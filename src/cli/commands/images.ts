import type { Filters } from '../../images/index.ts';
import type { Command } from '../command.ts';
import { daemonFailureText } from '../failures.ts';
import { digestCells, formatImages, imageRows, shownId } from '../output/imageRows.ts';
import { plainImageIds, plainImageTable } from '../output/imageTable.ts';
import { formatTable } from '../output/table.ts';

export const imagesCommand: Command = {
  names: ['images', 'image ls', 'image list'],
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  summary: 'images',
  flags: {
    all: { short: 'a', type: 'boolean', description: 'Show all images (default hides intermediate images)' },
    digests: { type: 'boolean', description: 'Show digests' },
    filter: {
      short: 'f',
      type: 'filter',
      description: 'Filter output based on conditions provided',
      completes: ['before=', 'dangling=false', 'dangling=true', 'label=', 'reference=', 'since='],
    },
    format: { type: 'string', description: 'Pretty-print images using a Go template' },
    'no-trunc': { type: 'boolean', description: "Don't truncate output" },
    quiet: { short: 'q', type: 'boolean', description: 'Only show image IDs' },
  },
  args: { min: 0, max: 1 },
  completes: ['repositories'],
  async run({ app, stdout, stderr, text }, parsed) {
    let images;
    try {
      const filters = withPattern(parsed.filters('filter'), parsed.args[0] ?? '');
      images = await app.listNames({ all: parsed.isSet('all'), filters });
    } catch (error) {
      stderr.write(`${daemonFailureText(error, text)}\n`);
      return 1;
    }
    const digests = parsed.isSet('digests');
    const whole = parsed.isSet('no-trunc');
    const quiet = parsed.isSet('quiet');
    const format = parsed.value('format') ?? '';
    const now = Date.now();
    if (format !== '') {
      stdout.write(formatImages(images, { format, quiet, digests, whole, now }));
      return 0;
    }
    if (!digests) {
      stdout.write(quiet ? plainImageIds(images, whole) : plainImageTable(images, whole, now));
      return 0;
    }
    const rows = imageRows(images, { digests, digestRows: true });
    if (quiet) {
      stdout.write(rows.map(({ image }) => `${shownId(image, whole)}\n`).join(''));
      return 0;
    }
    const headings = ['REPOSITORY', 'TAG', 'DIGEST', 'IMAGE ID', 'CREATED', 'SIZE'];
    stdout.write(formatTable([headings, ...digestCells(rows, whole, now)]));
    return 0;
  },
};

/** What stands behind the options is one more pattern of names (docker/cli command/image/list.go). */
function withPattern(filters: Filters, pattern: string): Filters {
  return pattern === '' ? filters : { ...filters, reference: [...(filters.reference ?? []), pattern] };
}

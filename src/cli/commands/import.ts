import { isStrataError } from '../../base/errors.ts';
import { humanSize } from '../../base/units.ts';
import { redactUrl } from '../../transport/index.ts';
import type { Command, Output } from '../command.ts';
import { PLATFORMS } from '../completion/platforms.ts';
import { referenceProblem } from '../failures.ts';

const URL_START = /^https?:\/\//i;

export const importCommand: Command = {
  names: ['import', 'image import'],
  usage: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  summary: 'import',
  flags: {
    change: { short: 'c', type: 'list', description: 'Apply Dockerfile instruction to the created image' },
    message: { short: 'm', type: 'string', description: 'Set commit message for imported image' },
    platform: {
      type: 'string',
      description: 'Set platform of the image (os/architecture[/variant])',
      completes: PLATFORMS,
    },
  },
  args: { min: 1, max: 2 },
  completes: ['files', 'repositories'],
  async run({ app, stdin, stdout, stderr, signal }, parsed) {
    const [source = '', name] = parsed.args;
    const message = parsed.value('message') ?? '';
    const platform = parsed.value('platform');
    const isUrl = URL_START.test(source);
    if (isUrl) stdout.write(`Downloading from ${redactUrl(source)}\n`);
    try {
      const id = await app.import(
        source === '-' ? stdin.stream : source,
        {
          ...(name === undefined ? {} : { name }),
          ...(message === '' ? {} : { message }),
          ...(platform === undefined ? {} : { platform }),
          changes: parsed.list('change'),
        },
        {
          signal,
          onProgress: (event) => {
            if (isUrl && event.kind === 'bytes') showProgress(stdout, event);
          },
        },
      );
      stdout.write(`${id}\n`);
      return 0;
    } catch (error) {
      const problem = signal.aborted ? undefined : clientProblem(error);
      if (problem === undefined) throw error;
      stderr.write(`${problem}\n`);
      return 1;
    }
  },
};

/** What Docker's client finds before its daemon does, and the daemon's word for a digest. */
function clientProblem(error: unknown): string | undefined {
  if (isStrataError(error, 'reference-invalid')) return referenceProblem(error);
  if (isStrataError(error, 'file-unreadable')) return `open ${error.params.path}: ${error.params.detail}`;
  if (isStrataError(error, 'tag-invalid'))
    return 'Error response from daemon: cannot import digest reference';
  return undefined;
}

function showProgress(stdout: Output, { current, total }: { current: number; total?: number }): void {
  if (!stdout.isTerminal) return;
  const whole = total === undefined ? '' : `/${humanSize(total)}`;
  stdout.write(`\x1b[2K\rImporting ${humanSize(current).padStart(8)}${whole}\r`);
}

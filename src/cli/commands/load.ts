import { isStrataError } from '../../base/errors.ts';
import type { StrataError } from '../../base/errors.ts';
import type { Command } from '../command.ts';
import { streamFailureText } from '../failures.ts';
import { LoadDisplay } from '../output/loadDisplay.ts';
import type { Text } from '../text.ts';

export const loadCommand: Command = {
  names: ['load', 'image load'],
  usage: '[OPTIONS]',
  summary: 'load',
  flags: {
    input: {
      short: 'i',
      type: 'string',
      description: 'Read from an archive file or a layout folder, instead of STDIN',
      completes: 'files',
    },
    quiet: { short: 'q', type: 'boolean', description: 'Suppress the load output' },
  },
  args: { min: 0, max: 0 },
  async run({ app, stdin, stdout, stderr, signal, text }, parsed) {
    const input = parsed.value('input') ?? '';
    if (input === '' && stdin.isTerminal) {
      stderr.write('requested load from stdin, but stdin is empty\n');
      return 1;
    }
    const display = new LoadDisplay(stdout, stderr, parsed.isSet('quiet'));
    try {
      const images = await app.load(input === '' ? stdin.stream : input, {
        signal,
        onProgress: (event) => display.show(event),
      });
      display.done(images);
      return 0;
    } catch (error) {
      if (signal.aborted || !isStrataError(error)) throw error;
      stderr.write(`${problemOf(error, text)}\n`);
      return 1;
    }
  },
};

function problemOf(error: StrataError, text: Text): string {
  // As Docker's client says it, which opens the file.
  if (isStrataError(error, 'file-unreadable')) return `open ${error.params.path}: ${error.params.detail}`;
  // The advice that goes with these is about registries.
  const isOfArchive = isStrataError(error, 'digest-mismatch') || isStrataError(error, 'size-mismatch');
  return isOfArchive ? error.message : streamFailureText(error, text);
}

import type { Command } from '../command.ts';
import { PLATFORMS } from '../completion/platforms.ts';
import { CopyDisplay } from '../output/copyDisplay.ts';

export const copyCommand: Command = {
  names: ['copy', 'image copy'],
  usage: '[OPTIONS] SOURCE TARGET',
  summary: 'copy',
  flags: {
    platform: {
      type: 'string',
      description: 'Copy one platform of an index (os/architecture[/variant])',
      completes: PLATFORMS,
    },
    quiet: { short: 'q', type: 'boolean', description: 'Print the digest only' },
  },
  args: { min: 2, max: 2 },
  completes: ['files'],
  async run({ app, stdout, signal }, parsed) {
    const [source = '', target = ''] = parsed.args;
    const platform = parsed.value('platform');
    const quiet = parsed.isSet('quiet');
    const display = new CopyDisplay(stdout);
    const { digest } = await app.copy(
      { source, target, ...(platform === undefined ? {} : { platform }) },
      { signal, ...(quiet ? {} : { onProgress: (event) => display.show(event) }) },
    );
    stdout.write(quiet ? `${digest}\n` : `Digest: ${digest}\n`);
    return 0;
  },
};

import { familiarName, parseReference } from '../../reference/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { PLATFORMS } from '../completion/platforms.ts';
import { PullDisplay } from '../output/pullDisplay.ts';

export const pullCommand: Command = {
  names: ['pull', 'image pull'],
  usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
  summary: 'pull',
  flags: {
    'all-tags': { short: 'a', type: 'boolean', description: 'Download all tagged images in the repository' },
    // Docker's word for signatures of a kind that nobody makes any more: taken, and without effect here.
    'disable-content-trust': { type: 'boolean', default: 'true', description: 'Skip image verification' },
    platform: {
      type: 'string',
      description: 'Set platform if server is multi-platform capable',
      completes: PLATFORMS,
    },
    quiet: { short: 'q', type: 'boolean', description: 'Suppress verbose output' },
  },
  args: { min: 1, max: 1 },
  completes: ['repositories'],
  async run(context, parsed) {
    const [name = ''] = parsed.args;
    const platform = parsed.value('platform');
    const options = {
      quiet: parsed.isSet('quiet'),
      ...(platform === undefined ? {} : { platform }),
    };
    if (parsed.isSet('all-tags')) return await pullAllTags(context, name, options);
    const result = await pullOne(context, name, options);
    if (!options.quiet) printStatus(context, result.newer, result.familiar);
    context.stdout.write(`${result.reference}\n`);
    return 0;
  },
};

interface PullFlags {
  readonly quiet: boolean;
  readonly platform?: string;
}

async function pullOne(
  { app, signal, stdout }: CommandContext,
  name: string,
  { quiet, platform }: PullFlags,
): Promise<{ newer: boolean; familiar: string; reference: string }> {
  const display = new PullDisplay(stdout);
  const request = { name, ...(platform === undefined ? {} : { platform }) };
  const result = await app.pull(request, {
    signal,
    ...(quiet ? {} : { onProgress: (event) => display.show(event) }),
  });
  if (!quiet) stdout.write(`Digest: ${result.digest}\n`);
  return result;
}

async function pullAllTags(context: CommandContext, name: string, flags: PullFlags): Promise<number> {
  const reference = parseReference(name);
  if (reference.tag !== undefined || reference.digest !== undefined) {
    context.stderr.write("tag can't be used with --all-tags/-a\n");
    return 1;
  }
  let newer = false;
  for (const tag of await context.app.remoteTags(name, context.signal)) {
    const result = await pullOne(context, `${name}:${tag}`, flags);
    newer ||= result.newer;
  }
  if (!flags.quiet) printStatus(context, newer, familiarName(reference));
  context.stdout.write(`${reference.domain}/${reference.path}\n`);
  return 0;
}

function printStatus({ stdout }: CommandContext, newer: boolean, familiar: string): void {
  const what = newer ? 'Downloaded newer image for' : 'Image is up to date for';
  stdout.write(`Status: ${what} ${familiar}\n`);
}

import { isStrataError } from '../../base/errors.ts';
import { canonicalName, canonicalString, parseReference, withDefaultTag } from '../../reference/index.ts';
import type { Reference } from '../../reference/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { PLATFORMS } from '../completion/platforms.ts';
import { referenceProblem, streamFailureText } from '../failures.ts';
import { PushDisplay } from '../output/pushDisplay.ts';

export const pushCommand: Command = {
  names: ['push', 'image push'],
  usage: '[OPTIONS] NAME[:TAG]',
  summary: 'push',
  flags: {
    'all-tags': { short: 'a', type: 'boolean', description: 'Push all tags of the repository' },
    'disable-content-trust': { type: 'boolean', default: 'true', description: 'Skip image signing' },
    platform: {
      type: 'string',
      description: 'Push one platform of an index (os/architecture[/variant])',
      completes: PLATFORMS,
    },
    quiet: { short: 'q', type: 'boolean', description: 'Suppress verbose output' },
  },
  args: { min: 1, max: 1 },
  completes: ['repositories'],
  async run(context, parsed) {
    const { stdout, stderr } = context;
    const [name = ''] = parsed.args;
    const allTags = parsed.isSet('all-tags');
    const quiet = parsed.isSet('quiet');
    const platform = parsed.value('platform');
    const reference = parse(context, name);
    if (reference === undefined) return 1;
    if (allTags && (reference.tag ?? reference.digest) !== undefined) {
      stderr.write("tag can't be used with --all-tags/-a\n");
      return 1;
    }
    const isNameOnly = (reference.tag ?? reference.digest) === undefined;
    if (!allTags && isNameOnly && !quiet) stdout.write('Using default tag: latest\n');
    if (reference.digest !== undefined) {
      stderr.write('cannot push a digest reference\n');
      return 1;
    }
    const request = { name, allTags, ...(platform === undefined ? {} : { platform }) };
    const display = new PushDisplay(stdout);
    try {
      await context.app.push(request, {
        signal: context.signal,
        ...(quiet ? {} : { onProgress: (event) => display.show(event) }),
      });
    } catch (error) {
      if (context.signal.aborted || !isStrataError(error)) throw error;
      stderr.write(`${streamFailureText(error, context.text)}\n`);
      return 1;
    }
    if (quiet) {
      stdout.write(`${allTags ? canonicalName(reference) : canonicalString(withDefaultTag(reference))}\n`);
    }
    return 0;
  },
};

/** A bad name is the client's own finding, said without advice. */
function parse({ stderr }: CommandContext, name: string): Reference | undefined {
  try {
    return parseReference(name);
  } catch (error) {
    if (!isStrataError(error, 'reference-invalid')) throw error;
    stderr.write(`${referenceProblem(error)}\n`);
    return undefined;
  }
}

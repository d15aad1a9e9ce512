import { isStrataError } from '../../base/errors.ts';
import type { ImageInspect } from '../../images/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { failureText, referenceProblem } from '../failures.ts';
import type { Flags } from '../flags.ts';
import { goJson } from '../output/goJson.ts';

/** What Docker's short form can look for besides images; none of it is here. */
const OTHER_TYPES: ReadonlySet<string> = new Set(['container', 'network', 'volume']);

const FORMAT: Flags = {
  format: { short: 'f', type: 'string', description: 'Format the output using the given Go template' },
};

/** Docker's short form looks for any object, and says so. */
const inspectCommand: Command = {
  names: ['inspect'],
  usage: '[OPTIONS] NAME|ID [NAME|ID...]',
  summary: 'inspect',
  flags: {
    ...FORMAT,
    size: {
      short: 's',
      type: 'boolean',
      description: 'Display total file sizes if the type is container',
    },
    type: {
      type: 'string',
      description: 'Return JSON for specified type',
      completes: ['image'],
    },
  },
  args: { min: 1, max: Infinity },
  completes: ['images'],
  async run(context, parsed) {
    const type = parsed.value('type') ?? '';
    if (OTHER_TYPES.has(type)) return print(context, missing(parsed.args, type));
    if (type !== '' && type !== 'image') {
      context.stderr.write(`${JSON.stringify(type)} is not a valid value for --type\n`);
      return 1;
    }
    const look = await find(context, parsed.args, type === '' ? 'object' : 'image');
    if (parsed.isSet('size')) {
      context.stderr.write('WARNING: --size ignored for image\n'.repeat(look.found.length));
    }
    return print(context, look);
  },
};

const imageInspectCommand: Command = {
  names: ['image inspect'],
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'inspect',
  flags: FORMAT,
  args: { min: 1, max: Infinity },
  completes: ['images'],
  async run(context, parsed) {
    return print(context, await find(context, parsed.args, 'image command'));
  },
};

export const inspectCommands: readonly Command[] = [inspectCommand, imageInspectCommand];

interface Look {
  readonly found: readonly ImageInspect[];
  readonly failures: readonly string[];
}

/** What a bad name is called depends on who looks: `image inspect` tells what is wrong with it. */
type Looker = 'object' | 'image' | 'image command';

async function find(context: CommandContext, names: readonly string[], looker: Looker): Promise<Look> {
  const found: ImageInspect[] = [];
  const failures: string[] = [];
  for (const name of names) {
    try {
      found.push(await context.app.inspect(name));
    } catch (error) {
      context.signal.throwIfAborted();
      failures.push(wordsOf(error, name, looker, context));
    }
  }
  return { found, failures };
}

function wordsOf(error: unknown, name: string, looker: Looker, { text }: CommandContext): string {
  const isBadName = isStrataError(error, 'reference-invalid');
  if (isBadName && looker !== 'object' && name !== '') {
    return `Error response from daemon: no such image: ${name}: ${referenceProblem(error)}`;
  }
  if (!isBadName && !isStrataError(error, 'image-not-found')) return failureText(error, text);
  return `Error: No such ${looker === 'object' ? 'object' : 'image'}: ${name}`;
}

function missing(names: readonly string[], type: string): Look {
  return { found: [], failures: names.map((name) => `Error: No such ${type}: ${name}`) };
}

/** What was found is shown whatever else failed. */
function print({ stdout, stderr }: CommandContext, { found, failures }: Look): number {
  stdout.write(`${goJson(found, 4)}\n`);
  for (const failure of failures) stderr.write(`${failure}\n`);
  return failures.length === 0 ? 0 : 1;
}

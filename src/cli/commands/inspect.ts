import { isStrataError, StrataError } from '../../base/errors.ts';
import type { ImageInspect } from '../../images/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { failureText, referenceProblem } from '../failures.ts';
import type { Flags, ParsedArguments } from '../flags.ts';
import { inspectTemplate } from '../output/formatInspect.ts';
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
    if (type !== '' && type !== 'image' && !OTHER_TYPES.has(type)) {
      context.stderr.write(`${JSON.stringify(type)} is not a valid value for --type\n`);
      return 1;
    }
    const look = await inspect(context, parsed, type === '' ? 'object' : type);
    if (parsed.isSet('size')) {
      context.stderr.write('WARNING: --size ignored for image\n'.repeat(look.found));
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
    return print(context, await inspect(context, parsed, 'image command'));
  },
};

export const inspectCommands: readonly Command[] = [inspectCommand, imageInspectCommand];

interface Look {
  readonly text: string;
  readonly found: number;
  /** One line each, in the order of the names. */
  readonly failures: readonly string[];
}

/** Who looks: an object of any kind, one of a kind, or `image inspect`, which tells what is wrong with a name. */
type Looker = string;

async function inspect(context: CommandContext, parsed: ParsedArguments, looker: Looker): Promise<Look> {
  const format = parsed.value('format') ?? '';
  const template = format === '' ? undefined : inspectTemplate(format);
  const found: ImageInspect[] = [];
  const printed: string[] = [];
  const failures: string[] = [];
  for (const name of parsed.args) {
    try {
      if (OTHER_TYPES.has(looker)) throw new StrataError('image-not-found', { name });
      const image = await context.app.inspect(name);
      found.push(image);
      if (template !== undefined) printed.push(template.print(image));
    } catch (error) {
      context.signal.throwIfAborted();
      failures.push(wordsOf(error, name, looker, context));
    }
  }
  // Docker prints an empty line where a template made nothing of what was found.
  const templated = printed.length === 0 ? '\n' : printed.join('');
  const text = template === undefined ? `${goJson(found, 4)}\n` : templated;
  return { text, found: found.length, failures };
}

function wordsOf(error: unknown, name: string, looker: Looker, { text }: CommandContext): string {
  const isBadName = isStrataError(error, 'reference-invalid');
  if (isBadName && looker !== 'object' && name !== '') {
    return `Error response from daemon: no such image: ${name}: ${referenceProblem(error)}`;
  }
  if (!isBadName && !isStrataError(error, 'image-not-found')) return failureText(error, text);
  return `Error: No such ${looker === 'image command' ? 'image' : looker}: ${name}`;
}

/** What was found is shown whatever else failed. */
function print({ stdout, stderr }: CommandContext, { text, failures }: Look): number {
  stdout.write(text);
  for (const failure of failures) stderr.write(`${failure}\n`);
  return failures.length === 0 ? 0 : 1;
}

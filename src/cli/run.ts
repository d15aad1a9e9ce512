import { isCancelled } from '../base/errors.ts';
import type { Command, CommandContext } from './command.ts';
import { historyCommand } from './commands/history.ts';
import { imagesCommand } from './commands/images.ts';
import { inspectCommands } from './commands/inspect.ts';
import { pullCommand } from './commands/pull.ts';
import { rmiCommand } from './commands/rmi.ts';
import { failureText } from './failures.ts';
import { FlagError, parseFlags } from './flags.ts';
import type { ParsedArguments } from './flags.ts';
import { commandHelp, groupHelp, programHelp, shortUsage } from './help.ts';

const COMMANDS: readonly Command[] = [
  imagesCommand,
  pullCommand,
  historyCommand,
  ...inspectCommands,
  rmiCommand,
];
const GROUPS = ['image', 'system'] as const;

/** Docker's exit codes, and the shell's for an interrupt. */
const EXIT_FAILURE = 1;
const EXIT_BAD_FLAG = 125;
const EXIT_INTERRUPTED = 130;

/** Runs one command line. @param words what follows the program's name @returns the exit code */
export async function run(
  words: readonly string[],
  version: string,
  context: CommandContext,
): Promise<number> {
  const { stdout, stderr, text } = context;
  // `help image ls` is `image ls --help`.
  const [first, ...rest] = words[0] === 'help' ? [...words.slice(1), '--help'] : words;
  if (first === undefined || isHelp(first)) {
    stdout.write(programHelp(COMMANDS, text));
    return 0;
  }
  if (first === '--version' || first === '-v') {
    stdout.write(`Strata version ${version}\n`);
    return 0;
  }
  const match = findCommand([first, ...rest]);
  if (match !== undefined) return await runCommand(match, context);
  if (first.startsWith('-')) return badFlag(context, `unknown flag: ${first}`, 'strata');
  const group = GROUPS.find((name) => name === first);
  if (group !== undefined) {
    const wantsHelp = rest[0] === undefined || isHelp(rest[0]);
    (wantsHelp ? stdout : stderr).write(groupHelp(group, COMMANDS, text));
    return wantsHelp ? 0 : EXIT_FAILURE;
  }
  stderr.write(`strata: '${first}' is not a strata command.\nSee 'strata --help'\n`);
  return EXIT_FAILURE;
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

interface Match {
  readonly name: string;
  readonly command: Command;
  readonly rest: readonly string[];
}

function findCommand(words: readonly string[]): Match | undefined {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    const command = COMMANDS.find((candidate) => candidate.names.includes(name));
    if (command !== undefined) return { name, command, rest: words.slice(length) };
  }
  return undefined;
}

async function runCommand({ name, command, rest }: Match, context: CommandContext): Promise<number> {
  let parsed: ParsedArguments;
  try {
    parsed = parseFlags(rest, command.flags);
  } catch (error) {
    if (error instanceof FlagError) return badFlag(context, error.message, `strata ${name}`);
    throw error;
  }
  if (parsed.help) {
    context.stdout.write(commandHelp(name, command, context.text));
    return 0;
  }
  const wrongCount = describeCount(command.args, parsed.args.length);
  if (wrongCount !== undefined) {
    const usage = shortUsage(name, command, context.text);
    context.stderr.write(`"strata ${name}" ${wrongCount}.\nSee 'strata ${name} --help'.\n\n${usage}`);
    return EXIT_FAILURE;
  }
  try {
    return await command.run(context, parsed);
  } catch (error) {
    if (context.signal.aborted || isCancelled(error)) {
      context.stderr.write(`\n${context.text.interrupted}\n`);
      return EXIT_INTERRUPTED;
    }
    context.stderr.write(`${failureText(error, context.text)}\n`);
    return EXIT_FAILURE;
  }
}

function badFlag({ stderr }: CommandContext, message: string, command: string): number {
  stderr.write(`${message}\nSee '${command} --help'.\n`);
  return EXIT_BAD_FLAG;
}

/** docker/cli cli/required.go */
function describeCount({ min, max }: Command['args'], count: number): string | undefined {
  if (count >= min && count <= max) return undefined;
  if (max === 0) return 'accepts no arguments';
  if (min === max) return `requires exactly ${min} ${plural(min)}`;
  return count < min ? `requires at least ${min} ${plural(min)}` : `requires at most ${max} ${plural(max)}`;
}

function plural(count: number): string {
  return count === 1 ? 'argument' : 'arguments';
}

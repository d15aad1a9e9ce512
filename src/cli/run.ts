import { isCancelled } from '../base/errors.ts';
import type { Command, CommandContext } from './command.ts';
import { fsckCommand } from './commands/fsck.ts';
import { completionCommands } from './commands/completion.ts';
import { copyCommand } from './commands/copy.ts';
import { historyCommand } from './commands/history.ts';
import { imagesCommand } from './commands/images.ts';
import { importCommand } from './commands/import.ts';
import { inspectCommands } from './commands/inspect.ts';
import { loginCommand } from './commands/login.ts';
import { logoutCommand } from './commands/logout.ts';
import { loadCommand } from './commands/load.ts';
import { pruneCommand } from './commands/prune.ts';
import { pullCommand } from './commands/pull.ts';
import { pushCommand } from './commands/push.ts';
import { rmiCommand } from './commands/rmi.ts';
import { saveCommand } from './commands/save.ts';
import { searchCommand } from './commands/search.ts';
import { systemDfCommand } from './commands/systemDf.ts';
import { tagCommand } from './commands/tag.ts';
import { failureText } from './failures.ts';
import { FlagError, parseFlags } from './flags.ts';
import type { ParsedArguments } from './flags.ts';
import { findCommand, GROUPS } from './findCommand.ts';
import type { CommandMatch } from './findCommand.ts';
import { commandHelp, groupHelp, programHelp, shortUsage } from './help.ts';
import { FormatError } from './output/format.ts';

const COMMANDS: readonly Command[] = [
  imagesCommand,
  searchCommand,
  loginCommand,
  logoutCommand,
  pullCommand,
  pushCommand,
  copyCommand,
  saveCommand,
  loadCommand,
  importCommand,
  historyCommand,
  ...inspectCommands,
  rmiCommand,
  tagCommand,
  pruneCommand,
  systemDfCommand,
  fsckCommand,
  ...completionCommands(() => COMMANDS),
];

/** Docker's exit codes, and the shell's for an interrupt. */
const EXIT_FAILURE = 1;
const EXIT_BAD_FLAG = 125;
const EXIT_INTERRUPTED = 130;

/** Cells of a line of help where no terminal says otherwise. */
const DEFAULT_COLUMNS = 80;

/** Runs one command line. @param given what follows the program's name @returns the exit code */
export async function run(
  given: readonly string[],
  version: string,
  context: CommandContext,
): Promise<number> {
  const words = helpLast(given);
  const [first] = words;
  if (first === undefined || isHelp(first)) {
    context.stdout.write(programHelp(COMMANDS, context.text, helpWidth(context)));
    return 0;
  }
  if (first === '--version' || first === '-v') {
    context.stdout.write(`Strata version ${version}\n`);
    return 0;
  }
  const match = findCommand(words, COMMANDS);
  if (match !== undefined) return await runCommand(match, context);
  const group = GROUPS.find((name) => name === first);
  if (group !== undefined) return runGroup(group, words.slice(1), context);
  if (first.startsWith('-')) {
    const help = programHelp(COMMANDS, context.text, helpWidth(context));
    return badFlag(context, unknownFlag(first), 'strata', help);
  }
  const sentence =
    given[0] === 'help'
      ? `unknown help topic: ${first}`
      : `strata: '${first}' is not a strata command.\nSee 'strata --help'`;
  context.stderr.write(`${sentence}\n`);
  return EXIT_FAILURE;
}

/** `help image ls` and `--help image ls` are `image ls --help`, and so is `image --help ls`. */
function helpLast(words: readonly string[]): readonly string[] {
  const [first = '', second = '', ...rest] = words;
  if (words.length === 0) return words;
  if (first === 'help' || (isHelp(first) && words.length > 1)) return [...words.slice(1), '--help'];
  const isGroup = GROUPS.some((name) => name === first);
  return isGroup && isHelp(second) ? [first, ...rest, '--help'] : words;
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

/** `strata image` without a command, or with one that there is not. Docker shows what there is, on stderr. */
function runGroup(
  group: (typeof GROUPS)[number],
  [word]: readonly string[],
  context: CommandContext,
): number {
  const help = groupHelp(group, COMMANDS, context.text);
  if (word === undefined || isHelp(word)) {
    (word === undefined ? context.stderr : context.stdout).write(help);
    return 0;
  }
  if (word.startsWith('-')) return badFlag(context, unknownFlag(word), `strata ${group}`, help);
  context.stderr.write(help);
  return EXIT_FAILURE;
}

async function runCommand({ name, command, rest }: CommandMatch, context: CommandContext): Promise<number> {
  let parsed: ParsedArguments;
  try {
    parsed = parseFlags(rest, command.flags);
  } catch (error) {
    if (error instanceof FlagError) return badFlag(context, error.message, `strata ${name}`);
    throw error;
  }
  if (parsed.help) {
    context.stdout.write(commandHelp(name, command, context.text, helpWidth(context)));
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
      const { interrupted, stopped } = context.text;
      context.stderr.write(`\n${command.summary === 'pull' ? interrupted : stopped}\n`);
      return EXIT_INTERRUPTED;
    }
    context.stderr.write(`${failureText(error, context.text)}\n`);
    return error instanceof FormatError ? error.exitCode : EXIT_FAILURE;
  }
}

function badFlag({ stderr }: CommandContext, message: string, command: string, help = ''): number {
  stderr.write(`${message}\nSee '${command} --help'.\n${help}`);
  return EXIT_BAD_FLAG;
}

/** pflag's sentence for an option where there are none but help. */
function unknownFlag(word: string): string {
  try {
    parseFlags([word], {});
  } catch (error) {
    if (error instanceof FlagError) return error.message;
    throw error;
  }
  return `unknown flag: ${word}`;
}

function helpWidth({ stdout }: CommandContext): number {
  return stdout.columns > 0 ? stdout.columns : DEFAULT_COLUMNS;
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

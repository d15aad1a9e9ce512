import type { Command } from './command.ts';
import { groupOf } from './findCommand.ts';
import { HELP_FLAG } from './flags.ts';
import type { Flag, Flags } from './flags.ts';
import type { Text } from './text.ts';
import { wrapText } from './output/wrapText.ts';

const PROGRAM = 'strata';
/** Between the names of commands and what they do (spf13/cobra: names are padded to eleven cells at least). */
const COMMAND_GAP = 1;
const LEAST_COMMAND_WIDTH = 11;
/** Between options and what they do (spf13/pflag). */
const FLAG_GAP = 3;

/** `strata --help`. @param width cells of a line */
export function programHelp(commands: readonly Command[], text: Text, width: number): string {
  const shown = commands.filter((command) => !shownName(command).includes(' '));
  const flags = {
    help: { ...HELP_FLAG, description: text.globalOptions.help },
    version: { short: 'v', type: 'boolean', description: text.globalOptions.version },
  } as const;
  return [
    `\n${text.usage}:  ${PROGRAM} [OPTIONS] COMMAND\n`,
    `${text.tagline}\n`,
    `${text.options}:\n${flagLines(flags, width)}`,
    `${text.managementCommands}:\n${commandLines(Object.entries(text.groups))}`,
    `${text.commands}:\n${commandLines(summaries(shown, shownName, text))}`,
    `${text.moreHelp(PROGRAM)}\n`,
  ].join('\n');
}

/** `strata image --help` */
export function groupHelp(group: keyof Text['groups'], commands: readonly Command[], text: Text): string {
  const inGroup = (command: Command): string | undefined =>
    command.names.find((name) => name.startsWith(`${group} `));
  const members = commands.filter((command) => inGroup(command) !== undefined);
  const shortName = (command: Command): string => lastWord(inGroup(command) ?? '');
  return [
    `\n${text.usage}:  ${PROGRAM} ${group} COMMAND\n`,
    `${text.groups[group]}\n`,
    `${text.commands}:\n${commandLines(summaries(members, shortName, text))}`,
    `${text.moreHelp(`${PROGRAM} ${group}`)}\n`,
  ].join('\n');
}

/** `strata pull --help`. @param name as it was called @param width cells of a line */
export function commandHelp(name: string, command: Command, text: Text, width: number): string {
  const aliases = siblings(name, command);
  const { details } = command;
  const parts = [
    `\n${usageLine(name, command, text)}\n`,
    `${text.summaries[command.summary]}\n`,
    ...(details === undefined ? [] : [`${text.details[details]}\n`]),
    ...(aliases.length > 1 ? [`${text.aliases}:\n  ${aliases.join(', ')}\n`] : []),
    ...(Object.keys(command.flags).length > 0
      ? [`${text.options}:\n${flagLines(command.flags, width)}`]
      : []),
  ];
  return parts.join('\n');
}

/** What Docker prints under a wrong count of arguments. */
export function shortUsage(name: string, command: Command, text: Text): string {
  return `${usageLine(name, command, text)}\n\n${text.summaries[command.summary]}\n`;
}

function usageLine(name: string, command: Command, text: Text): string {
  return `${text.usage}:  ${PROGRAM} ${name} ${command.usage}`.trimEnd();
}

/** The command's names beside this one: `ls` and `list` of `image ls`. The short form is another command to Docker. */
function siblings(name: string, command: Command): readonly string[] {
  const group = groupOf(name);
  return command.names.filter((other) => groupOf(other) === group).map(lastWord);
}

const lastWord = (name: string): string => name.split(' ').at(-1) ?? '';
const shownName = (command: Command): string => command.names[0] ?? '';

function summaries(
  commands: readonly Command[],
  name: (command: Command) => string,
  text: Text,
): readonly (readonly [string, string])[] {
  return commands
    .filter((command) => command.hidden !== true)
    .map((command) => [name(command), text.summaries[command.summary]] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function commandLines(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(LEAST_COMMAND_WIDTH, ...rows.map(([name]) => name.length)) + COMMAND_GAP;
  return rows.map(([name, summary]) => `  ${name.padEnd(width)}${summary}\n`).join('');
}

function flagLines(flags: Flags, width: number): string {
  const rows = Object.entries(flags)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => [`  ${flagName(name, flag)}`, describe(flag)] as const);
  const indent = Math.max(...rows.map(([name]) => name.length)) + FLAG_GAP;
  return rows.map(([name, text]) => `${name.padEnd(indent)}${wrapText(text, width, indent)}\n`).join('');
}

function flagName(name: string, flag: Flag): string {
  const value = flag.valueName ?? VALUE_NAMES[flag.type];
  const long = `--${name}${value === '' ? '' : ` ${value}`}`;
  return flag.short === undefined ? `    ${long}` : `-${flag.short}, ${long}`;
}

/** pflag's words for the types. */
const VALUE_NAMES: Readonly<Record<Flag['type'], string>> = {
  boolean: '',
  string: 'string',
  list: 'list',
  number: 'int',
  filter: 'filter',
};

function describe({ description, type, default: value }: Flag): string {
  if (value === undefined || (type === 'boolean' && value === 'false')) return description;
  return `${description} (default ${type === 'string' ? `"${value}"` : value})`;
}

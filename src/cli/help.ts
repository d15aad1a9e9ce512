import type { Command } from './command.ts';
import type { Flag, Flags } from './flags.ts';
import type { Text } from './text.ts';

const PROGRAM = 'strata';
const GAP = 2;

/** `strata --help` */
export function programHelp(commands: readonly Command[], text: Text): string {
  const short = commands.filter((command) => !shownName(command).includes(' '));
  return [
    `\n${text.usage}:  ${PROGRAM} [OPTIONS] COMMAND\n`,
    `${text.tagline}\n`,
    `${text.options}:\n${columns(text.globalOptions)}`,
    `${text.managementCommands}:\n${columns(Object.entries(text.groups))}`,
    `${text.commands}:\n${columns(summaries(short, shownName, text))}`,
    `${text.moreHelp(PROGRAM)}\n`,
  ].join('\n');
}

/** `strata image` */
export function groupHelp(group: keyof Text['groups'], commands: readonly Command[], text: Text): string {
  const inGroup = (command: Command): string | undefined =>
    command.names.find((name) => name.startsWith(`${group} `));
  const members = commands.filter((command) => inGroup(command) !== undefined);
  const shortName = (command: Command): string => inGroup(command)?.slice(group.length + 1) ?? '';
  return [
    `\n${text.usage}:  ${PROGRAM} ${group} COMMAND\n`,
    `${text.groups[group]}\n`,
    `${text.commands}:\n${columns(summaries(members, shortName, text))}`,
    `${text.moreHelp(`${PROGRAM} ${group}`)}\n`,
  ].join('\n');
}

/** `strata pull --help` */
export function commandHelp(name: string, command: Command, text: Text): string {
  const aliases = command.names.length > 1 ? [`Aliases:\n  ${command.names.map(named).join(', ')}\n`] : [];
  const flags =
    Object.keys(command.flags).length > 0 ? [`${text.options}:\n${columns(flagRows(command.flags))}`] : [];
  const parts = [
    `\n${usageLine(name, command, text)}\n`,
    `${text.summaries[command.summary]}\n`,
    ...aliases,
    ...flags,
  ];
  return parts.join('\n');
}

/** What Docker prints under a wrong count of arguments. */
export function shortUsage(name: string, command: Command, text: Text): string {
  return `${usageLine(name, command, text)}\n\n${text.summaries[command.summary]}\n`;
}

function usageLine(name: string, command: Command, text: Text): string {
  return `${text.usage}:  ${named(name)} ${command.usage}`;
}

const named = (name: string): string => `${PROGRAM} ${name}`;

function shownName(command: Command): string {
  return command.names[0] ?? '';
}

function summaries(
  commands: readonly Command[],
  name: (command: Command) => string,
  text: Text,
): readonly (readonly [string, string])[] {
  return commands
    .map((command) => [name(command), text.summaries[command.summary]] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function flagRows(flags: Flags): readonly (readonly [string, string])[] {
  return Object.entries(flags).map(([name, flag]) => [flagName(name, flag), flag.description] as const);
}

function flagName(name: string, { short, valueName }: Flag): string {
  const long = `--${name}${valueName === undefined ? '' : ` ${valueName}`}`;
  return short === undefined ? `    ${long}` : `-${short}, ${long}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + GAP;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}\n`).join('');
}

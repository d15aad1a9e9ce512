import type { Command } from './command.ts';

/** The words that commands are grouped under. */
export const GROUPS = ['image', 'system'] as const;

export interface CommandMatch {
  /** As it was called, with the first of the names that stand together: `image ls` for `image list` too. */
  readonly name: string;
  readonly command: Command;
  /** The words behind the name. */
  readonly rest: readonly string[];
}

/** The command that these words begin with. */
export function findCommand(
  words: readonly string[],
  commands: readonly Command[],
): CommandMatch | undefined {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).join(' ');
    const command = commands.find((candidate) => candidate.names.includes(name));
    if (command !== undefined)
      return { name: firstBeside(name, command), command, rest: words.slice(length) };
  }
  return undefined;
}

function firstBeside(name: string, { names }: Command): string {
  return names.find((other) => groupOf(other) === groupOf(name)) ?? name;
}

/** `image` of `image ls`; empty for a command of the program itself. */
export function groupOf(name: string): string {
  return name.split(' ').slice(0, -1).join(' ');
}

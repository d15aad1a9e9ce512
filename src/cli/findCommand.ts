import type { Command } from './command.ts';

/** The words that commands are grouped under. */
export const GROUPS = ['image', 'system'] as const;

export interface CommandMatch {
  /** As it was called: `image ls`. */
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
    if (command !== undefined) return { name, command, rest: words.slice(length) };
  }
  return undefined;
}

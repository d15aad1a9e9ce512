import type { Command } from '../command.ts';
import { findCommand, GROUPS } from '../findCommand.ts';
import { HELP_FLAG, positionBehind } from '../flags.ts';
import type { Completes, Flags } from '../flags.ts';
import type { Text } from '../text.ts';

/** One word that could stand there. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** What completion offers: candidates, not yet filtered by what was typed of them. */
export interface Offer {
  /** What they are to begin with: what was typed of the word, without `--option=`. */
  readonly typed: string;
  /** Known at once. */
  readonly candidates: readonly Candidate[];
  /** To be looked up. */
  readonly lookUp?: Exclude<Completes, readonly string[]>;
}

/** @param words those before the one that is typed, the program's name left out @param typed what is there of that one */
export function offer(
  words: readonly string[],
  typed: string,
  commands: readonly Command[],
  text: Text,
): Offer {
  // `help image ls` is completed as `image ls` is, and so is a line that begins with an option of the program.
  const line = words.slice(words.findIndex((word) => word !== 'help' && !word.startsWith('-')));
  const begun = words.every((word) => word === 'help' || word.startsWith('-')) ? [] : line;
  const match = findCommand(begun, commands);
  if (match !== undefined) return ofCommand(match.command, match.rest, typed);
  const [first] = begun;
  const group = GROUPS.find((name) => name === first);
  if (first !== undefined && (group === undefined || begun.length > 1)) return { typed, candidates: [] };
  const version = {
    version: { type: 'boolean', short: 'v', description: text.globalOptions.version },
  } as const;
  if (typed.startsWith('-'))
    return { typed, candidates: optionsOf(group === undefined ? version : {}, typed) };
  return {
    typed,
    candidates: group === undefined ? program(commands, text) : members(group, commands, text),
  };
}

/** The groups, and the commands in their short form. */
function program(commands: readonly Command[], text: Text): readonly Candidate[] {
  const groups = Object.entries(text.groups).map(([value, description]) => ({ value, description }));
  const short = shown(commands).flatMap(({ names, summary }): readonly Candidate[] => {
    const value = names.find((name) => !name.includes(' '));
    return value === undefined ? [] : [{ value, description: text.summaries[summary] }];
  });
  return [...short, ...groups].sort(byValue);
}

function members(group: string, commands: readonly Command[], text: Text): readonly Candidate[] {
  return shown(commands)
    .flatMap(({ names, summary }): readonly Candidate[] => {
      const name = names.find((each) => each.startsWith(`${group} `));
      if (name === undefined) return [];
      return [{ value: name.slice(group.length + 1), description: text.summaries[summary] }];
    })
    .sort(byValue);
}

const shown = (commands: readonly Command[]): readonly Command[] =>
  commands.filter(({ hidden }) => hidden !== true);
const byValue = (a: Candidate, b: Candidate): number => (a.value < b.value ? -1 : 1);

function ofCommand(command: Command, words: readonly string[], typed: string): Offer {
  const { option, argument, onlyArguments } = positionBehind(words, command.flags);
  if (option !== undefined) return ofKind(option.completes, typed);
  if (!onlyArguments && typed.startsWith('-')) {
    const [, name, value] = /^--([^=]+)=(.*)$/s.exec(typed) ?? [];
    if (name === undefined || value === undefined) {
      return { typed, candidates: optionsOf(command.flags, typed) };
    }
    const flag = Object.hasOwn(command.flags, name) ? command.flags[name] : undefined;
    return ofKind(flag?.type === 'boolean' ? ['true', 'false'] : flag?.completes, value);
  }
  if (argument >= command.args.max) return { typed, candidates: [] };
  return ofKind(command.completes?.[argument] ?? command.completes?.at(-1), typed);
}

function ofKind(kind: Completes | undefined, typed: string): Offer {
  if (kind === undefined) return { typed, candidates: [] };
  if (typeof kind === 'string') return { typed, candidates: [], lookUp: kind };
  return { typed, candidates: kind.map((value) => ({ value, description: '' })) };
}

/** Long names, and behind a single dash the short ones too. */
function optionsOf(flags: Flags, typed: string): readonly Candidate[] {
  const all = Object.entries({ ...flags, help: HELP_FLAG }).map(([name, flag]) => ({ name, ...flag }));
  const long = all.map(({ name, description }) => ({ value: `--${name}`, description }));
  const short = all.flatMap(({ short: letter, description }) =>
    letter === undefined || typed.startsWith('--') ? [] : [{ value: `-${letter}`, description }],
  );
  return [...long.sort(byValue), ...short.sort(byValue)];
}

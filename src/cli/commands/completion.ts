import type { Command, CommandContext } from '../command.ts';
import { offer } from '../completion/answer.ts';
import type { Candidate } from '../completion/answer.ts';
import { lookUp } from '../completion/lookUp.ts';
import { printScript, SHELLS } from '../completion/scripts.ts';
import { splitLine } from '../completion/splitLine.ts';
import { printable } from '../output/printable.ts';

/** Bits that tell the script of a shell what to do (spf13/cobra, ShellCompDirective; @bomb.sh/tab takes them alike). */
const NO_SPACE = 2;
const NO_FILES = 4;

const scriptCommand: Command = {
  names: ['completion'],
  usage: SHELLS.join('|'),
  summary: 'completion',
  details: 'completion',
  flags: {},
  args: { min: 1, max: 1 },
  completes: [SHELLS],
  async run({ stdout, stderr, text }, { args: [wanted = ''] }) {
    const shell = SHELLS.find((name) => name === wanted);
    if (shell === undefined) {
      stderr.write(`${text.unknownShell(wanted, SHELLS.join(', '))}\n`);
      return 1;
    }
    await printScript(shell, (script) => stdout.write(script));
    return 0;
  },
};

/**
 * What the scripts ask: `complete -- WORD... TYPED`, or from bash `complete --line=LINE --word=END`. It answers with a
 * candidate a line, behind a tab what it is, and last the bits.
 */
function answerCommand(commands: () => readonly Command[]): Command {
  return {
    names: ['complete'],
    usage: '-- [WORD...] TYPED',
    summary: 'completion',
    hidden: true,
    flags: {
      line: { type: 'string', description: 'The line up to the cursor, instead of words' },
      word: { type: 'string', description: 'The end of it that the shell will replace' },
    },
    args: { min: 0, max: Infinity },
    async run(context, parsed) {
      const line = parsed.value('line');
      if (line === undefined) {
        const words = parsed.args.slice(0, -1);
        await answer(context, commands(), words, parsed.args.at(-1) ?? '', '');
        return 0;
      }
      const { words, typed } = splitLine(line);
      const end = parsed.value('word') ?? typed;
      const before = typed.endsWith(end) ? typed.slice(0, typed.length - end.length) : '';
      await answer(context, commands(), withoutProgram(words), typed, before);
      return 0;
    },
  };
}

export const completionCommands = (commands: () => readonly Command[]): readonly Command[] => [
  scriptCommand,
  answerCommand(commands),
];

/** Variables may be set before the program is named: `LANG=C strata …`. */
function withoutProgram(words: readonly string[]): readonly string[] {
  return words.slice(words.findIndex((word) => !/^\w+=/.test(word)) + 1);
}

/** @param before what bash will not replace, and so must not get again */
async function answer(
  context: CommandContext,
  commands: readonly Command[],
  words: readonly string[],
  whole: string,
  before: string,
): Promise<void> {
  const { typed, candidates, lookUp: kind } = offer(words, whole, commands, context.text);
  // A store that cannot be read has nothing to offer, and whoever presses Tab wants no failures.
  const found = kind === undefined ? candidates : await lookUp(kind, typed, context).catch(() => []);
  const fitting = distinct(found.filter(({ value }) => value.startsWith(typed)));
  const cut = Math.max(0, before.length - (whole.length - typed.length));
  const lines = fitting.map(({ value, description }) => {
    const tail = description === '' ? '' : `\t${printable(description)}`;
    return `${printable(value.slice(cut))}${tail}\n`;
  });
  const noSpace = fitting.some(({ value }) => value.endsWith('=')) ? NO_SPACE : 0;
  context.stdout.write(`${lines.join('')}:${noSpace | (kind === 'files' ? 0 : NO_FILES)}\n`);
}

function distinct(candidates: readonly Candidate[]): readonly Candidate[] {
  return [...new Map(candidates.map((candidate) => [candidate.value, candidate])).values()];
}

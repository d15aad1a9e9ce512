import type { Readable, Writable } from 'node:stream';
import type { App } from '../app/index.ts';
import type { Completes, Flags, ParsedArguments } from './flags.ts';
import type { Text } from './text.ts';

/** Where a command writes. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Cells of a line; 0 where unknown. */
  readonly columns: number;
}

/** What comes in from a pipe or a keyboard. */
export interface Input {
  readonly stream: Readable;
  readonly isTerminal: boolean;
}

export interface CommandContext {
  readonly app: App;
  readonly stdin: Input;
  readonly stdout: Output;
  /** Where bytes go that are no text: the same place as stdout. */
  readonly stdoutStream: Writable;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly text: Text;
}

/** One thing that `strata` does. */
export interface Command {
  /** Every way to call it, the one that help shows first: `images`, `image ls`, `image list`. */
  readonly names: readonly string[];
  /** After the name: `[OPTIONS] NAME[:TAG|@DIGEST]`. */
  readonly usage: string;
  readonly summary: keyof Text['summaries'];
  readonly flags: Flags;
  readonly args: { readonly min: number; readonly max: number };
  /** What completion offers for the first argument, the second, and so on; the last of them for all that follow. */
  readonly completes?: readonly Completes[];
  /** Asked by programs and not by people: no help shows it. */
  readonly hidden?: true;
  /** Said in its help below the summary. */
  readonly details?: keyof Text['details'];
  /** @returns the exit code */
  run(context: CommandContext, parsed: ParsedArguments): Promise<number>;
}

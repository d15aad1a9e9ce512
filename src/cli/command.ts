import type { App } from '../app/index.ts';
import type { Flags, ParsedArguments } from './flags.ts';
import type { Text } from './text.ts';

/** Where a command writes. */
export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Cells of a line; 0 where unknown. */
  readonly columns: number;
}

export interface CommandContext {
  readonly app: App;
  readonly stdout: Output;
  readonly stderr: Output;
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
  /** @returns the exit code */
  run(context: CommandContext, parsed: ParsedArguments): Promise<number>;
}

import { replaceLone, wellFormed } from './bytes.ts';
import { TemplateError } from './errors.ts';
import { Evaluator } from './evaluator.ts';
import { FUNCTIONS } from './functions.ts';
import type { Functions } from './functions.ts';
import type { Maybe } from './model.ts';
import { parseTrees } from './parser.ts';

export { CallError, TemplateError } from './errors.ts';
export { HEADING_FUNCTIONS } from './functions.ts';
export { DURATION, TIME } from './goTime.ts';
export { anyFromJson, fromJson, jsonString } from './json.ts';
export type * from './model.ts';
export * from './types.ts';
export * from './values.ts';

interface ExecuteOptions {
  /** Instead of Go's and docker's; the names were checked when the text was parsed. */
  readonly functions?: Functions;
  /** Makes a key that a map lacks an error (Go's missingkey=error). */
  readonly missingKeyFails?: boolean;
}

/** A template that was parsed; it may be executed many times. */
export interface Template {
  /**
   * What the template prints of a value.
   * @throws TemplateError in Go's words, with what was printed up to there in `partial`
   */
  execute(data: Maybe, options?: ExecuteOptions): string;
}

/**
 * Parses Go's text/template with docker's functions (json, split, join, title, lower, upper, pad, truncate).
 *
 *     parseTemplate('{{.Name}}: {{len .Tags}}').execute(anyFromJson({ Name: 'a', Tags: ['1'] })); // a: 1
 *
 * @throws TemplateError in Go's words
 */
export function parseTemplate(source: string): Template {
  const text = replaceLone(source);
  const trees = parseTrees(text, new Set(FUNCTIONS.keys()));
  return {
    execute(data, { functions = FUNCTIONS, missingKeyFails = false } = {}) {
      try {
        return wellFormed(new Evaluator({ text, trees, functions, missingKeyFails }).run(data));
      } catch (error) {
        if (error instanceof TemplateError) throw new TemplateError(error.message, wellFormed(error.partial));
        throw error;
      }
    },
  };
}

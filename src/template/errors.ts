/** A template that cannot be parsed or executed. The message is Go's, `template: :1:2: executing "" at <.X>: …`. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  /** What the execution had written when it failed; Go leaves it in its writer. */
  readonly partial: string;

  constructor(message: string, partial = '') {
    super(message);
    this.partial = partial;
  }
}

/** What is wrong where the evaluator stands, or what a function returns as an error: the evaluator says where it was. */
export class CallError extends Error {
  override readonly name = 'CallError';
}

/** What was asked for and is not yet given: whoever produces faster than it is taken waits here. */
export class Demand {
  #asked = 0;
  #wake: (() => void) | undefined;
  #failure: Error | undefined;

  ask(): void {
    this.#asked += 1;
    this.#wake?.();
  }

  /** Nobody will ask any more. */
  fail(error: Error): void {
    this.#failure = error;
    this.#wake?.();
  }

  /** Resolves when one more is wanted, and counts it as given. */
  async next(): Promise<void> {
    while (this.#asked === 0 && this.#failure === undefined) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
    this.#asked -= 1;
  }
}

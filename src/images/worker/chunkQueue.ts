/** So many chunks are on their way to a worker at once, so that it never waits while the source has more. */
const ROOM = 3;

/** Chunks that come in messages, read in a loop. Asks for the next as soon as there is room. */
export class ChunkQueue implements AsyncIterable<Buffer> {
  readonly #askForMore: () => void;
  readonly #waiting: (Uint8Array | undefined)[] = [];
  #wake: (() => void) | undefined;
  #failure: Error | undefined;

  constructor(askForMore: () => void = () => undefined) {
    this.#askForMore = askForMore;
  }

  /** @param bytes undefined at the end */
  push(bytes: Uint8Array | undefined): void {
    this.#waiting.push(bytes);
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void> {
    for (let i = 0; i < ROOM; i++) this.#askForMore();
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#waiting.length === 0) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      const bytes = this.#waiting.shift();
      if (bytes === undefined) return;
      this.#askForMore();
      yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
  }
}

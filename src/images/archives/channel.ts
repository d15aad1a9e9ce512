/** Hands chunks from one loop to another at the reader's pace: `push` resolves when the chunk has been taken. */
export class Channel implements AsyncIterableIterator<Uint8Array, undefined> {
  #item: { readonly chunk: Uint8Array | undefined; readonly taken: () => void } | undefined;
  #wantsItem: (() => void) | undefined;
  #closed = false;
  #failure: Error | undefined;

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** What comes after the reader has gone is dropped. */
  async push(chunk: Uint8Array): Promise<void> {
    await this.#offer(chunk);
  }

  /** There will be no end: the reader gets this instead. */
  fail(error: Error): void {
    this.#failure = error;
    this.#wantsItem?.();
  }

  async end(): Promise<void> {
    await this.#offer(undefined);
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    while (this.#item === undefined && !this.#closed && this.#failure === undefined) {
      await new Promise<void>((resolve) => (this.#wantsItem = resolve));
    }
    if (this.#failure !== undefined) throw this.#failure;
    const item = this.#item;
    this.#item = undefined;
    item?.taken();
    return item?.chunk === undefined ? { done: true, value: undefined } : { done: false, value: item.chunk };
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#closed = true;
    this.#item?.taken();
    this.#item = undefined;
    this.#wantsItem?.();
    return Promise.resolve({ done: true, value: undefined });
  }

  async #offer(chunk: Uint8Array | undefined): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      this.#item = { chunk, taken: resolve };
      this.#wantsItem?.();
    });
  }
}

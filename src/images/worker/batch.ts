/** Gathers chunks in one buffer that is used again: nothing is allocated while a layer streams. */
export class Batch {
  readonly #buffer: Buffer;
  #length = 0;

  /** @param size bytes of a full batch */
  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafeSlow(size);
  }

  get length(): number {
    return this.#length;
  }

  /** Takes what fits. @returns how many bytes of the chunk it took */
  fill(chunk: Uint8Array): number {
    const taken = Math.min(chunk.length, this.#buffer.length - this.#length);
    this.#buffer.set(taken === chunk.length ? chunk : chunk.subarray(0, taken), this.#length);
    this.#length += taken;
    return taken;
  }

  get isFull(): boolean {
    return this.#length === this.#buffer.length;
  }

  /** What was gathered, valid until the next `fill`; the batch is empty afterwards. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }
}

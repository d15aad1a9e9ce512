type NumberColumn = Float64Array | Uint32Array | Uint16Array | Uint8Array | BigInt64Array;

const FIRST_LENGTH = 1024;

/** A copy of twice the length. */
export function grown<T extends NumberColumn>(column: T): T {
  const next = new (column.constructor as new (length: number) => T)(column.length * 2);
  next.set(column as never);
  return next;
}

/** A typed array that grows at its end: a tenth of the memory of a plain array of numbers and objects. */
export class Column<T extends NumberColumn> {
  #values: T;
  #length = 0;

  constructor(type: new (length: number) => T) {
    this.#values = new type(FIRST_LENGTH);
  }

  get length(): number {
    return this.#length;
  }

  push(value: T[number]): void {
    if (this.#length === this.#values.length) this.#values = grown(this.#values);
    this.#values[this.#length++] = value;
  }

  /** A view of what has been pushed, good until the next push. */
  get values(): T {
    return this.#values.subarray(0, this.#length) as T;
  }
}

/** Bytes that grow at their end. */
export class BytePool {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(data: Buffer, start = 0, end = data.length): void {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) {
      const next = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(next, 0, 0, this.#length);
      this.#bytes = next;
    }
    data.copy(this.#bytes, this.#length, start, end);
    this.#length = length;
  }

  /** A view of what has been appended, good until the next append. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Whether the bytes from `at` on are these. */
  matches(at: number, data: Buffer, start: number, end: number): boolean {
    for (let i = start; i < end; i++) if (this.#bytes[at + i - start] !== data[i]) return false;
    return true;
  }
}

import { StrataError } from '../base/errors.ts';
import { BytePool, grown } from './growable.ts';

export const ROOT = 0;

const SLASH = 0x2f;
const DOT = 0x2e;
const FIRST_NODES = 1024;
const FNV_PRIME = 0x0100_0193;

/**
 * Numbers the distinct paths of a layer, cleaned as Docker cleans them: `/a`, `./a/` and `b/../a` are one, and `..` stops
 * at the root. Every folder on the way gets a number too, lower than those beneath it.
 *
 * A hash table in typed arrays: some 24 bytes a path, time in proportion to the bytes of the paths, however they are made.
 */
export class PathTable {
  readonly #maxNodes: number;
  readonly #names = new BytePool();
  #count = 1;
  #parents = new Uint32Array(FIRST_NODES);
  #hashes = new Uint32Array(FIRST_NODES);
  /** By node: where its name ends in the pool; it begins where the one before ends. */
  #nameEnds = new Uint32Array(FIRST_NODES);
  /** Twice as many slots as nodes at least; 0 is free, since nobody looks up the root. */
  #slots = new Uint32Array(FIRST_NODES * 2);
  /** Unknown to whoever wrote the tar, who cannot aim at one slot. */
  readonly #seed = Math.floor(Math.random() * 0x1_0000_0000);

  constructor(maxNodes: number) {
    this.#maxNodes = maxNodes;
  }

  /** Numbers in use: 0 to count - 1. */
  get count(): number {
    return this.#count;
  }

  parentOf(node: number): number {
    return this.#parents[node] ?? ROOT;
  }

  /** The number of a path, new ones for what is not there yet. @throws StrataError `content-invalid` */
  resolve(path: Buffer): number {
    return this.#walk(path, true) ?? ROOT;
  }

  /** The number of a path that is there. */
  find(path: Buffer): number | undefined {
    return this.#walk(path, false);
  }

  #walk(path: Buffer, create: boolean): number | undefined {
    let node = ROOT;
    let start = 0;
    while (start < path.length) {
      let end = start;
      while (end < path.length && path[end] !== SLASH) end++;
      const length = end - start;
      if (length === 2 && path[start] === DOT && path[start + 1] === DOT) node = this.parentOf(node);
      else if (length > 1 || (length === 1 && path[start] !== DOT)) {
        const child = this.#child(node, path, start, end, create);
        if (child === undefined) return undefined;
        node = child;
      }
      start = end + 1;
    }
    return node;
  }

  #child(parent: number, path: Buffer, start: number, end: number, create: boolean): number | undefined {
    const hash = this.#hash(parent, path, start, end);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const node = this.#slots[slot] ?? 0;
      if (node === 0) return create ? this.#add(slot, hash, parent, path, start, end) : undefined;
      if (
        this.#hashes[node] === hash &&
        this.#parents[node] === parent &&
        this.#isNamed(node, path, start, end)
      ) {
        return node;
      }
      slot = (slot + 1) & mask;
    }
  }

  #isNamed(node: number, path: Buffer, start: number, end: number): boolean {
    const at = this.#nameEnds[node - 1] ?? 0;
    return (this.#nameEnds[node] ?? 0) - at === end - start && this.#names.matches(at, path, start, end);
  }

  #add(slot: number, hash: number, parent: number, path: Buffer, start: number, end: number): number {
    if (this.#count > this.#maxNodes) {
      const detail = `it has more than ${this.#maxNodes} distinct paths`;
      throw new StrataError('content-invalid', { what: 'layer', detail });
    }
    const node = this.#count++;
    if (node >= this.#parents.length) this.#grow();
    this.#names.append(path, start, end);
    this.#parents[node] = parent;
    this.#hashes[node] = hash;
    this.#nameEnds[node] = this.#names.length;
    if (this.#parents.length * 2 === this.#slots.length) this.#slots[slot] = node;
    else this.#rebuildSlots();
    return node;
  }

  #grow(): void {
    this.#parents = grown(this.#parents);
    this.#hashes = grown(this.#hashes);
    this.#nameEnds = grown(this.#nameEnds);
  }

  #rebuildSlots(): void {
    this.#slots = new Uint32Array(this.#parents.length * 2);
    const mask = this.#slots.length - 1;
    for (let node = 1; node < this.#count; node++) {
      let slot = (this.#hashes[node] ?? 0) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = node;
    }
  }

  /** FNV-1a from a seed, its high bits folded in, since slots use the low ones. */
  #hash(parent: number, path: Buffer, start: number, end: number): number {
    let hash = Math.imul(parent ^ this.#seed, FNV_PRIME);
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (path[i] ?? 0), FNV_PRIME);
    hash ^= hash >>> 15;
    return (Math.imul(hash, 0x85eb_ca6b) ^ (hash >>> 13)) >>> 0;
  }
}

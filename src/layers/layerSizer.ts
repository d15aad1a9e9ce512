import { StrataError } from '../base/errors.ts';
import { MAX_LAYER_NODES } from '../base/limits.ts';
import type { TarEntry } from '../archive/index.ts';
import { grown } from './growable.ts';
import { PathTable, ROOT } from './pathTable.ts';

const WHITEOUT_PREFIX = Buffer.from('.wh.');
const NONE = 0;

/**
 * Counts what Docker's overlay2 driver shows as a layer's size (moby pkg/directory `Size` over the diff folder):
 * the length of every distinct inode that is no folder, files by their logical length, symlinks by their target's.
 *
 * It replays Docker's extraction (moby pkg/archive `Unpack`): a later entry replaces an earlier one of that path and,
 * unless it is a folder itself, everything beneath it. Whiteouts become devices, which have no length.
 * (Docker 20.10 goes on to refuse a layer that names one path twice; other builders' layers do so all the same.)
 */
export class LayerSizer {
  readonly #paths = new PathTable(MAX_LAYER_NODES);
  /** By inode, from 1: its length. */
  #lengths = new Float64Array(1024);
  #inodes = NONE;
  /** By node: the inode there (0: none, or a folder), and when it was put there. */
  #inodeAt = new Uint32Array(1024);
  #placedAt = new Uint32Array(1024);
  /** By node: when something that is no folder was put there last, which ended all that lay beneath. */
  #clearedAt = new Uint32Array(1024);
  #now = 0;
  #unresolved = 0;

  get unresolvedHardlinks(): number {
    return this.#unresolved;
  }

  /** @throws StrataError `content-invalid` for more paths than MAX_LAYER_NODES */
  add(entry: TarEntry): void {
    this.#now++;
    if (isWhiteout(entry.path)) return;
    const node = this.#paths.resolve(entry.path);
    this.#makeRoom();
    if (node === ROOT) return;
    if (entry.type === 'directory') {
      this.#inodeAt[node] = NONE;
      return;
    }
    // Docker removes what is in the place before it makes the link, so a link to itself finds nothing.
    this.#place(node, NONE);
    this.#place(node, entry.type === 'hardlink' ? this.#linkTarget(entry) : this.#newInode(entry));
  }

  /** @throws StrataError `content-invalid` when the sum is beyond what JavaScript's numbers hold */
  size(): number {
    const counted = new Uint8Array(this.#inodes + 1);
    const cleared = new Uint32Array(this.#paths.count);
    let size = 0;
    // Parents come before their children in the table, so one pass hands the times down.
    for (let node = ROOT + 1; node < this.#paths.count; node++) {
      const parent = this.#paths.parentOf(node);
      const above = Math.max(cleared[parent] ?? 0, this.#clearedAt[parent] ?? 0);
      cleared[node] = above;
      const inode = this.#inodeAt[node] ?? NONE;
      if (inode === NONE || counted[inode] === 1 || (this.#placedAt[node] ?? 0) <= above) continue;
      counted[inode] = 1;
      size += this.#lengths[inode] ?? 0;
    }
    if (!Number.isSafeInteger(size)) {
      throw new StrataError('content-invalid', { what: 'layer', detail: 'its files are impossibly large' });
    }
    return size;
  }

  #place(node: number, inode: number): void {
    this.#inodeAt[node] = inode;
    this.#placedAt[node] = this.#now;
    this.#clearedAt[node] = this.#now;
  }

  #newInode(entry: TarEntry): number {
    const inode = ++this.#inodes;
    if (inode >= this.#lengths.length) this.#lengths = grown(this.#lengths);
    this.#lengths[inode] = entry.type === 'symlink' ? (entry.link?.length ?? 0) : entry.size;
    return inode;
  }

  #linkTarget(entry: TarEntry): number {
    const target = entry.link === undefined ? undefined : this.#paths.find(entry.link);
    const inode = target === undefined || !this.#lives(target) ? NONE : (this.#inodeAt[target] ?? NONE);
    if (inode === NONE) this.#unresolved++;
    return inode;
  }

  #lives(node: number): boolean {
    const placed = this.#placedAt[node] ?? 0;
    for (let at = node; at !== ROOT;) {
      at = this.#paths.parentOf(at);
      if ((this.#clearedAt[at] ?? 0) >= placed) return false;
    }
    return true;
  }

  #makeRoom(): void {
    while (this.#paths.count > this.#inodeAt.length) {
      this.#inodeAt = grown(this.#inodeAt);
      this.#placedAt = grown(this.#placedAt);
      this.#clearedAt = grown(this.#clearedAt);
    }
  }
}

/** image-spec layer.md, "Whiteouts": by the last component's name. */
function isWhiteout(path: Buffer): boolean {
  let end = path.length;
  while (end > 0 && path[end - 1] === 0x2f) end--;
  const start = end === 0 ? 0 : path.lastIndexOf(0x2f, end - 1) + 1;
  if (path[start] !== 0x2e || end - start < WHITEOUT_PREFIX.length) return false;
  return (
    path.compare(WHITEOUT_PREFIX, 0, WHITEOUT_PREFIX.length, start, start + WHITEOUT_PREFIX.length) === 0
  );
}

import type { TarSpec, TarSpecType } from './tar.ts';

/** Numbers that a seed decides: mulberry32. Print the seed, and a failure can be repeated. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to below - 1. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000) * below);
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}

/** The seed of this run: STRATA_SEED repeats one. */
export function testSeed(): number {
  const given = process.env['STRATA_SEED'];
  return given === undefined ? Math.floor(Math.random() * 0x1_0000_0000) : Number(given);
}

/** Archives that a reader must take, with every extension the writer knows. */
export function randomSpecs(random: Random, count: number): TarSpec[] {
  return Array.from({ length: count }, () => randomSpec(random));
}

function randomSpec(random: Random): TarSpec {
  const format = random.pick<NonNullable<TarSpec['format']>>(['pax', 'pax', 'gnu', 'ustar', 'v7']);
  const long = format === 'pax' || format === 'gnu';
  const type = random.pick<TarSpecType>(['file', 'file', 'file', 'directory', 'symlink', 'hardlink', 'fifo']);
  const path = randomPath(random, long && random.chance(4) ? 300 : 90);
  const spec: TarSpec = {
    path: type === 'directory' ? Buffer.concat([path, Buffer.from('/')]) : path,
    type,
    format,
    mode: random.below(0o10000),
    uid: long && random.chance(5) ? 3_000_000 + random.below(1000) : random.below(0o7777777),
    gid: random.below(0o7777777),
    mtime: format === 'pax' && random.chance(3) ? random.below(2 ** 31) + 0.25 : random.below(2 ** 31),
    base256: random.chance(6),
    checksum: random.pick(['unsigned', 'unsigned', 'signed']),
  };
  if (type === 'symlink' || type === 'hardlink') {
    return { ...spec, link: randomPath(random, long && random.chance(4) ? 300 : 90) };
  }
  if (type !== 'file') return spec;
  const content = random.bytes(random.chance(3) ? 0 : random.below(3000));
  if (format !== 'pax') return { ...spec, content };
  const xattrs = random.chance(3)
    ? { 'security.capability': random.bytes(20), 'user.x': random.bytes(3) }
    : {};
  return { ...spec, content, xattrs, ...randomSparse(random, content) };
}

function randomSparse(random: Random, content: Buffer): Pick<TarSpec, 'sparse'> {
  if (!random.chance(3)) return {};
  const map: { offset: number; length: number }[] = [];
  const holes = Buffer.alloc(content.length);
  for (let at = random.below(50); at < content.length;) {
    const length = Math.min(1 + random.below(60), content.length - at);
    map.push({ offset: at, length });
    content.copy(holes, at, at, at + length);
    at += length + 1 + random.below(100);
  }
  holes.copy(content);
  if (map.length === 0) map.push({ offset: content.length, length: 0 });
  return { sparse: { format: random.pick(['0.0', '0.1', '1.0', 'old']), map } };
}

/** Bytes that need be no UTF-8, without slashes at the ends. */
function randomPath(random: Random, maxLength: number): Buffer {
  const path = random.bytes(1 + random.below(maxLength)).map((byte) => (byte === 0 ? 0x61 : byte));
  path[0] = 0x61;
  path[path.length - 1] = 0x7a;
  return Buffer.from(path);
}

import { StrataError } from '../base/errors.ts';

/** RFC 8878, "Zstandard Frames" and "Skippable Frames": four bytes, little-endian. */
const FRAME_MAGIC = 0xfd2fb528;
const FRAME_MAGIC_BYTES = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const SKIPPABLE_MAGIC = 0x184d2a50;
const MAGIC_BYTES = 4;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RLE_BLOCK = 1;

export function isFrameMagic(magic: number): boolean {
  return magic === FRAME_MAGIC;
}

/** Sixteen magic numbers mark frames that hold no content. */
export function isSkippableMagic(magic: number): boolean {
  return magic >= SKIPPABLE_MAGIC && magic <= SKIPPABLE_MAGIC + 15;
}

/**
 * Finds where zstd frames end, without inflating them, so that each frame can be handed over by itself:
 * node:zlib drops whatever follows the first frame within one write (seen in 24.21), without an error.
 * Skippable frames are left out, since that decoder takes one for the end.
 */
export class ZstdFrameSplitter {
  /** The number that is read next, little-endian, and its width. */
  #part: 'magic' | 'skippableSize' | 'descriptor' | 'blockHeader' = 'magic';
  #width = MAGIC_BYTES;
  #value = 0;
  #have = 0;
  /** Bytes to pass by before that number. */
  #pass = 0;
  #inFrame = false;
  #hasChecksum = false;

  /** Whether all that came so far is whole frames. */
  get atBorder(): boolean {
    return this.#part === 'magic' && this.#have === 0 && this.#pass === 0;
  }

  /**
   * The frames' bytes in this chunk, cut so that no piece crosses the end of a frame.
   * @throws StrataError `content-invalid` where neither a frame nor a skippable frame begins
   */
  split(chunk: Buffer): Buffer[] {
    const pieces: Buffer[] = [];
    let start = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#pass > 0) {
        const step = Math.min(this.#pass, chunk.length - at);
        this.#pass -= step;
        at += step;
      } else {
        const wasInFrame = this.#inFrame;
        this.#take(chunk[at] ?? 0);
        at++;
        if (this.#inFrame && !wasInFrame) {
          start = at - MAGIC_BYTES;
          if (start < 0) {
            // The magic number was held back at the end of the last chunk, until it was known.
            pieces.push(FRAME_MAGIC_BYTES);
            start = at;
          }
        }
      }
      if (this.#inFrame && this.atBorder) {
        pieces.push(chunk.subarray(start, at));
        this.#inFrame = false;
      }
    }
    if (this.#inFrame && start < at) pieces.push(chunk.subarray(start, at));
    return pieces;
  }

  #take(byte: number): void {
    this.#value += byte * 2 ** (8 * this.#have);
    this.#have++;
    if (this.#have < this.#width) return;
    const value = this.#value;
    this.#value = 0;
    this.#have = 0;
    switch (this.#part) {
      case 'magic':
        this.#magic(value);
        break;
      case 'skippableSize':
        this.#pass = value;
        this.#expect('magic', MAGIC_BYTES);
        break;
      case 'descriptor':
        this.#pass = frameHeaderBytes(value);
        this.#hasChecksum = (value & 0b100) !== 0;
        this.#expect('blockHeader', BLOCK_HEADER_BYTES);
        break;
      case 'blockHeader':
        this.#block(value);
    }
  }

  #magic(value: number): void {
    if (isFrameMagic(value)) {
      this.#inFrame = true;
      this.#expect('descriptor', 1);
    } else if (isSkippableMagic(value)) this.#expect('skippableSize', 4);
    else throw new StrataError('content-invalid', { what: 'zstd data', detail: 'what follows is no frame' });
  }

  /** RFC 8878, "Blocks": last flag, two bits of type, 21 bits of size. */
  #block(header: number): void {
    const size = header >>> 3;
    this.#pass = ((header >> 1) & 3) === RLE_BLOCK ? 1 : size;
    if ((header & 1) === 0) return;
    if (this.#hasChecksum) this.#pass += CHECKSUM_BYTES;
    this.#expect('magic', MAGIC_BYTES);
  }

  #expect(part: 'magic' | 'skippableSize' | 'descriptor' | 'blockHeader', width: number): void {
    this.#part = part;
    this.#width = width;
  }
}

/** RFC 8878, "Frame Header": what follows the descriptor byte, before the first block. */
function frameHeaderBytes(descriptor: number): number {
  const singleSegment = (descriptor & 0b10_0000) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(singleSegment) : 2 ** sizeFlag;
  const dictionaryFlag = descriptor & 0b11;
  const dictionaryBytes = dictionaryFlag === 3 ? 4 : dictionaryFlag;
  return (singleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
}

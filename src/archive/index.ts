export { createDecompressor, detectCompression, type Compression } from './compression.ts';
export type { SparsePiece, TarEntry, TarEntryType, TarXattr } from './tarEntry.ts';
export { TarReader } from './tarReader.ts';

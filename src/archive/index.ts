export { detectCompression, type Compression } from './compression.ts';
export { createInflater, type Inflater } from './inflater.ts';
export type { SparsePiece, TarEntry, TarEntryType, TarXattr } from './tarEntry.ts';
export { TarReader } from './tarReader.ts';

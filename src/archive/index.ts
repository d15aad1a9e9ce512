export { createDecompressor, detectCompression, type Compression } from './compression.ts';
export { createInflater, type Inflater } from './inflater.ts';
export { readTar, scanTar, type EntrySink, type OuterEntry } from './outerTar.ts';
export type { SparsePiece, TarEntry, TarEntryType, TarXattr } from './tarEntry.ts';
export { TarReader } from './tarReader.ts';
export { TarWriter } from './tarWriter.ts';

export { LAYER_INDEX_VERSION } from './indexFormat.ts';
export { openLayerIndex, readLayerStats, type LayerEntry, type LayerIndex } from './layerIndex.ts';
export { LayerIndexBuilder } from './layerIndexBuilder.ts';
export type { LayerStats } from './stats.ts';

export { LAYER_INDEX_VERSION } from './indexFormat.ts';
export { openLayerIndex, readLayerStats } from './layerIndex.ts';
export { LayerIndexBuilder } from './layerIndexBuilder.ts';
export type { LayerStats } from './stats.ts';

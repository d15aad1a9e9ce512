import { sha256 } from './digest.ts';
import type { Digest } from './digest.ts';

/** image-spec config.md, "Layer ChainID": one for each prefix of the layers, lowest first. */
export function chainIds(diffIds: readonly Digest[]): readonly Digest[] {
  const chains: Digest[] = [];
  for (const diffId of diffIds) {
    const below = chains.at(-1);
    chains.push(below === undefined ? diffId : sha256(`${below} ${diffId}`));
  }
  return chains;
}

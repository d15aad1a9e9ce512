import { tagName } from '../../registries/registryNodes.ts';
import type { Services } from '../../services.ts';
import { familiarTag } from '../../trees/imageNodes.ts';
import { copyToRegistry } from '../copyToRegistry.ts';
import { registriesRow } from './targets.ts';

/** Copies a tag to another registry or name, from there to there: nothing is kept here. */
export async function copyRemoteTo(services: Services, args: readonly unknown[]): Promise<void> {
  const row = registriesRow(args);
  if (row?.kind === 'remoteTag') await copyToRegistry(services, [familiarTag(tagName(row))]);
}

import { unpinRepository } from '../../registries/knownRegistries.ts';
import type { Services } from '../../services.ts';
import { registriesRow } from './targets.ts';

/** No longer keeps a repository in the view. Nothing is deleted. */
export async function removeRepository(services: Services, args: readonly unknown[]): Promise<void> {
  const row = registriesRow(args);
  if (row?.kind !== 'repository') return;
  await unpinRepository(services.memory, row.name);
  services.registries.refresh(row.registry);
}

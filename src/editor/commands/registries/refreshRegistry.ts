import type { Services } from '../../services.ts';
import { registriesRow } from './targets.ts';

/** Asks the registry again: for the row, for what failed above it, or for everything. */
export function refreshRegistry(services: Services, args: readonly unknown[]): void {
  const row = registriesRow(args);
  services.registries.refresh(row?.kind === 'failure' ? row.of : row);
}

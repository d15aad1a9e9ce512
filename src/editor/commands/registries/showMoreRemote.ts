import type { Services } from '../../services.ts';
import { registriesRow } from './targets.ts';

/** Shows the next rows of a long list. */
export function showMoreRemote(services: Services, args: readonly unknown[]): void {
  const row = registriesRow(args);
  if (row?.kind === 'more') services.registries.showMore(row);
}

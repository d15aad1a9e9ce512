import type { Services } from '../services.ts';

/** Asks the store again. It is watched anyway: this is for network folders, and for the doubtful. */
export async function refresh(services: Services): Promise<void> {
  services.images.refresh();
  await services.pulls.refreshForeign();
}

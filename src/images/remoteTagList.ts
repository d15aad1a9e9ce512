import { parseReference } from '../reference/index.ts';
import type { Registry } from '../registry/index.ts';
import { orderTags } from './tagOrder.ts';
import type { RemoteTag } from './remoteTypes.ts';

/**
 * The tags of a repository: those whose time the registry tells first, the newest of them first; then the others as their names
 * tell. @throws `reference-invalid`, `registry-*`
 */
export async function remoteTagList(
  registry: Registry,
  repository: string,
  signal: AbortSignal | undefined,
): Promise<readonly RemoteTag[]> {
  const ref = parseReference(repository);
  const [tags, times] = await Promise.all([registry.tags(ref, signal), registry.tagTimes(ref, signal)]);
  const ordered = orderTags(tags).map((name): RemoteTag => {
    const updated = times.get(name);
    return updated === undefined ? { name } : { name, updated };
  });
  const timeOf = ({ updated }: RemoteTag): number => (updated === undefined ? 0 : Date.parse(updated));
  return ordered.toSorted((a, b) => timeOf(b) - timeOf(a));
}

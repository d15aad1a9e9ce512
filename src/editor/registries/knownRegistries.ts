import { parseReference } from '../../reference/index.ts';
import type { Memory } from '../recentNames.ts';

export const DOCKER_HUB = 'docker.io';

const PINNED_KEY = 'strata.repositories';

/** What stands for Docker Hub in names, in its API and in Docker's configuration. */
const HUB_HOSTS: ReadonlySet<string> = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'hub.docker.com',
]);

/** The host of a registry as image names have it, from what a person types or pastes; undefined if it is none. */
export function registryHostOf(text: string): string | undefined {
  const host = text
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
  if (HUB_HOSTS.has(host)) return DOCKER_HUB;
  try {
    return parseReference(`${host}/x`).domain === host ? host : undefined;
  } catch {
    return undefined;
  }
}

/** The hosts that a setting lists, those that are none left out, each once and in its order. */
export function registryHosts(setting: unknown): readonly string[] {
  if (!Array.isArray(setting)) return [DOCKER_HUB];
  const hosts = setting.map((host) => (typeof host === 'string' ? registryHostOf(host) : undefined));
  return [...new Set(hosts.filter((host) => host !== undefined))];
}

/** Canonical repositories that the person keeps in the view though no registry lists them: `ghcr.io/owner/name`. */
export function pinnedRepositories(memory: Memory): readonly string[] {
  const stored = memory.get(PINNED_KEY);
  return Array.isArray(stored) ? stored.filter((name) => typeof name === 'string') : [];
}

export async function pinRepository(memory: Memory, repository: string): Promise<void> {
  const others = pinnedRepositories(memory).filter((other) => other !== repository);
  await memory.update(PINNED_KEY, [...others, repository].toSorted());
}

export async function unpinRepository(memory: Memory, repository: string): Promise<void> {
  await memory.update(
    PINNED_KEY,
    pinnedRepositories(memory).filter((other) => other !== repository),
  );
}

import { isStrataError } from '../../base/errors.ts';
import { parseReference } from '../../reference/index.ts';

const DOCKER_HUB = 'docker.io';
const OFFICIAL = 'library/';

/** The page of an image on Docker Hub; undefined for images of other registries, which have no known page. */
export function imagePage(name: string): string | undefined {
  try {
    const { domain, path } = parseReference(name);
    if (domain !== DOCKER_HUB) return undefined;
    return path.startsWith(OFFICIAL)
      ? `https://hub.docker.com/_/${path.slice(OFFICIAL.length)}`
      : `https://hub.docker.com/r/${path}`;
  } catch (error) {
    // What a registry answers need not be a name.
    if (isStrataError(error)) return undefined;
    throw error;
  }
}

import { formatTime } from '../../base/time.ts';
import type { Digest } from '../../oci/digest.ts';
import { dockerConfig } from '../dockerConfig.ts';
import { isObject } from './json.ts';
import type { Json } from './json.ts';

/** One step of a history as Go prints it: in this order, empty fields left out. */
export type LegacyHistory = readonly Json[];

/** Docker took over a json as it stands from this version on (moby image/v1/imagev1.go, noFallbackMinVersion). */
const KEPT_SINCE = [1, 8, 3] as const;

/** What belongs to the old form alone. */
const DROPPED = new Set(['id', 'parent', 'Size', 'parent_id', 'layer_id', 'throwaway']);

/**
 * The configuration that Docker makes of an image of before 1.10 (moby image/v1/imagev1.go, MakeConfigFromV1Config):
 * to the byte, because its digest is the image ID.
 */
export function legacyConfig(v1: Json, diffIds: readonly Digest[], history: LegacyHistory): Uint8Array {
  const source = isBefore(v1.docker_version) ? rewritten(v1) : v1;
  const fields = Object.entries(source).filter(([key]) => !DROPPED.has(key));
  const config: Json = {
    ...Object.fromEntries(fields),
    rootfs: { type: 'layers', diff_ids: diffIds },
    history,
  };
  const sorted = Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)));
  return new TextEncoder().encode(goJson(sorted));
}

/** The history's step of such an image (moby image/v1/imagev1.go, HistoryFromConfig). */
export function legacyStep(v1: Json): Json {
  const command = isObject(v1.container_config) ? v1.container_config.Cmd : undefined;
  const createdBy = Array.isArray(command) ? command.join(' ') : '';
  const text = (key: string): Json => {
    const value = v1[key];
    return typeof value === 'string' && value !== '' ? { [key]: value } : {};
  };
  return {
    created: formatTime(typeof v1.created === 'string' ? v1.created : undefined),
    ...text('author'),
    ...(createdBy === '' ? {} : { created_by: createdBy }),
    ...text('comment'),
  };
}

function isBefore(version: unknown): boolean {
  const parts = typeof version === 'string' ? version.split(/[.+-]/).map((part) => Number(part) || 0) : [];
  for (const [i, least] of KEPT_SINCE.entries()) {
    const part = parts[i] ?? 0;
    if (part !== least) return part < least;
  }
  return false;
}

/** Read into Docker's structure and printed again (moby image/image.go, V1Image): unknown fields go. */
function rewritten(v1: Json): Json {
  const result: Record<string, unknown> = {
    created: formatTime(typeof v1.created === 'string' ? v1.created : undefined),
    container_config: dockerConfig(v1.container_config),
  };
  for (const key of ['comment', 'container', 'docker_version', 'author', 'architecture', 'variant', 'os']) {
    const value = v1[key];
    if (typeof value === 'string' && value !== '') result[key] = value;
  }
  if (isObject(v1.config)) result.config = dockerConfig(v1.config);
  return result;
}

/** As Go's encoding/json prints it: safe to stand in HTML. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

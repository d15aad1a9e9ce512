import { resolve } from 'node:path';
import { StrataError } from '../../base/errors.ts';
import type { CopySide } from '../../base/errors.ts';
import { canonicalString, parseReference, withDefaultTag } from '../../reference/index.ts';
import type { Reference } from '../../reference/index.ts';

/** One side of a copy, as skopeo names them (containers-transports(5)). */
export type CopyPlace =
  | { readonly kind: 'registry'; readonly reference: Reference }
  /** `name`: canonical, with tag. */
  | { readonly kind: 'docker-archive'; readonly path: string; readonly name?: string }
  | { readonly kind: 'oci-archive' | 'oci'; readonly path: string; readonly refName?: string };

/** Their own words, which stand in other tools: named, so that nobody takes them for hosts. */
const UNKNOWN = new Set(['dir', 'docker-daemon', 'containers-storage', 'ostree', 'sif', 'tarball']);

/**
 * Reads `docker://name`, `docker-archive:path[:name]`, `oci-archive:path[:tag]`, `oci:folder[:tag]`, or a plain name.
 * @throws StrataError `copy-place-invalid`, `reference-invalid`
 */
export function parsePlace(text: string, side: CopySide): CopyPlace {
  const [, kind = '', rest = ''] = /^([a-z-]+):(.*)$/s.exec(text) ?? [];
  const invalid = (detail: string): StrataError =>
    new StrataError('copy-place-invalid', { place: text, side, detail });
  if (UNKNOWN.has(kind)) throw invalid(`${kind} is no kind of place that is known here`);
  if (kind === 'docker' && rest.startsWith('//')) return registryPlace(rest.slice(2));
  if (kind !== 'docker-archive' && kind !== 'oci-archive' && kind !== 'oci') return registryPlace(text);
  const { path, name } = splitPath(rest);
  if (path === '') throw invalid('a path is missing');
  const file = resolve(path);
  if (name === undefined) return { kind, path: file };
  if (kind === 'docker-archive') {
    return { kind, path: file, name: canonicalString(withDefaultTag(parseReference(name))) };
  }
  if (!/^[\x21-\x7e]{1,255}$/.test(name)) throw invalid('its tag cannot be one');
  return { kind, path: file, refName: name };
}

function registryPlace(name: string): CopyPlace {
  return { kind: 'registry', reference: withDefaultTag(parseReference(name)) };
}

/** At the first colon, but not at that of a Windows drive. */
function splitPath(text: string): { path: string; name?: string } {
  const drive = /^[A-Za-z]:[\\/]/.test(text) ? 2 : 0;
  const colon = text.indexOf(':', drive);
  if (colon === -1) return { path: text };
  const name = text.slice(colon + 1);
  return { path: text.slice(0, colon), ...(name === '' ? {} : { name }) };
}

import { isDigest } from '../../../src/oci/digest.ts';
import { RegistryFailure } from './http.ts';

/** What a path of the distribution spec means ("Endpoints"). */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'tags' | 'uploads'; readonly name: string }
  | { readonly kind: 'manifest'; readonly name: string; readonly reference: string }
  | { readonly kind: 'blob' | 'referrers'; readonly name: string; readonly digest: string }
  | { readonly kind: 'upload'; readonly name: string; readonly id: string };

const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const ROUTE =
  /^\/v2\/(.+?)\/(?:(tags)\/list|(manifests)\/([^/]+)|(blobs)\/uploads\/([^/]*)|(blobs)\/([^/]+)|(referrers)\/([^/]+))$/;

/** Undefined for a path that is no registry's. @throws RegistryFailure for a name, tag or digest that the spec refuses. */
export function parseRoute(path: string): Route | undefined {
  if (path === '/v2/' || path === '/v2') return { kind: 'base' };
  if (path === '/v2/_catalog') return { kind: 'catalog' };
  const match = ROUTE.exec(path);
  if (match === null) return undefined;
  const [
    ,
    name = '',
    tags,
    manifests,
    reference = '',
    uploads,
    id = '',
    blobs,
    blobDigest = '',
    ,
    subject = '',
  ] = match;
  if (!NAME.test(name)) throw new RegistryFailure(400, 'NAME_INVALID', 'invalid repository name');
  if (tags !== undefined) return { kind: 'tags', name };
  if (manifests !== undefined) return { kind: 'manifest', name, reference: checkReference(reference) };
  if (uploads !== undefined) return id === '' ? { kind: 'uploads', name } : { kind: 'upload', name, id };
  if (blobs !== undefined) return { kind: 'blob', name, digest: checkDigest(blobDigest) };
  return { kind: 'referrers', name, digest: checkDigest(subject) };
}

/** @throws RegistryFailure DIGEST_INVALID */
export function checkDigest(text: string | null): string {
  if (isDigest(text)) return text;
  throw new RegistryFailure(400, 'DIGEST_INVALID', 'provided digest did not match the grammar');
}

function checkReference(text: string): string {
  if (text.includes(':')) return checkDigest(text);
  if (TAG.test(text)) return text;
  throw new RegistryFailure(400, 'MANIFEST_INVALID', 'invalid tag');
}

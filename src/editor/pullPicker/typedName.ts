import { isStrataError } from '../../base/errors.ts';
import type { StrataError } from '../../base/errors.ts';
import {
  canonicalName,
  canonicalString,
  familiarString,
  parseReference,
  withDefaultTag,
} from '../../reference/index.ts';

/** What a person has typed so far, and what would come of it. */
export type TypedName =
  | { readonly kind: 'empty' }
  | { readonly kind: 'invalid'; readonly error: StrataError<'reference-invalid'> }
  | {
      readonly kind: 'valid';
      /** `alpine:latest` */
      readonly familiar: string;
      /** `docker.io/library/alpine:latest`: what would be pulled. */
      readonly canonical: string;
      /** `docker.io/library/alpine` */
      readonly repository: string;
      /** True if the tag would be ours: worth asking for another. */
      readonly tagDefaulted: boolean;
    };

/** People paste a whole command, with a prompt before it. */
const PASTED_COMMAND = /^(?:\$\s+)?(?:sudo\s+)?(?:docker|podman|nerdctl|strata)\s+(?:image\s+)?pull\s+/;

/** Reads a name while it is typed. Blanks around it, and a pasted `docker pull `, are forgiven. */
export function readTypedName(text: string): TypedName {
  const name = text.trim().replace(PASTED_COMMAND, '').trim();
  if (name === '') return { kind: 'empty' };
  try {
    const parsed = parseReference(name);
    const reference = withDefaultTag(parsed);
    return {
      kind: 'valid',
      familiar: familiarString(reference),
      canonical: canonicalString(reference),
      repository: canonicalName(reference),
      tagDefaulted: parsed.tag === undefined && parsed.digest === undefined,
    };
  } catch (error) {
    if (isStrataError(error, 'reference-invalid')) return { kind: 'invalid', error };
    throw error;
  }
}

import { isStrataError, StrataError } from '../../base/errors.ts';
import { parseReference } from '../../reference/index.ts';

/**
 * Does what pushes to a name. A registry that wants a sign-in first is said to refuse the push: the sentence for pulls would
 * speak of an image that may not exist.
 * @param target canonical
 */
export async function withPushFailures<T>(target: string, push: () => Promise<T>): Promise<T> {
  try {
    return await push();
  } catch (error) {
    const { domain } = parseReference(target);
    const isTargets = isStrataError(error, 'copy-failed') && error.params.side === 'target';
    const refusal: unknown = isTargets ? error.cause : error;
    if (
      !isStrataError(refusal, 'registry-unauthorized') ||
      refusal.params.signedIn ||
      refusal.params.host !== domain
    )
      throw error;
    const { host, name } = refusal.params;
    throw new StrataError('push-denied', { host, name, detail: '' }, { cause: error });
  }
}

import { stat } from 'node:fs/promises';
import { StrataError, systemCode } from '../../base/errors.ts';
import { strataFolder } from '../../store/index.ts';
import type { CopyPlace } from './place.ts';

/**
 * Refuses a target that a copy would break: an archive is renamed to its name at the end, which would put a file where
 * a device or a pipe was; and a layout is written without a lock, which the processes that use a store rely on.
 * @param text the target as it was written
 * @throws StrataError `copy-place-invalid`
 */
export async function checkTarget(place: CopyPlace, text: string): Promise<void> {
  if (place.kind === 'registry') return;
  const invalid = (detail: string): StrataError =>
    new StrataError('copy-place-invalid', { place: text, side: 'target', detail });
  if (place.kind === 'oci') {
    if ((await kindOf(strataFolder(place.path))) !== undefined)
      throw invalid('it is a store of Strata: pull or load the image');
    return;
  }
  const kind = await kindOf(place.path);
  if (kind !== undefined && kind !== 'file') throw invalid('something else than a file stands there');
}

/** Undefined for what is not there, or cannot be looked at: writing will tell what is wrong. */
async function kindOf(path: string): Promise<'file' | 'other' | undefined> {
  try {
    return (await stat(path)).isFile() ? 'file' : 'other';
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

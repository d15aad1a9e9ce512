import { digestHex } from '../../oci/digest.ts';
import { formatPlatform } from '../../oci/platform.ts';
import type { ImageSummary } from '../../images/types.ts';
import { familiarTag } from '../trees/imageNodes.ts';

const DANGLING = ['shown', 'hidden', 'only'] as const;
/** What the view does with images that have no tag. */
type Dangling = (typeof DANGLING)[number];

/** What the Images view leaves out. */
export interface ImageFilter {
  /** Words that a name, the platform or the beginning of the ID must hold; empty for all. */
  readonly text: string;
  /** Docker's filters as typed, `label=a before=b`; empty for none. */
  readonly docker: string;
  readonly dangling: Dangling;
  /** Untagged parents of other images too. */
  readonly intermediate: boolean;
}

export const NO_FILTER: ImageFilter = { text: '', docker: '', dangling: 'shown', intermediate: false };

/** What a window remembered, which an older version may have written. */
export function readFilter(value: unknown): ImageFilter {
  const known: Readonly<Record<string, unknown>> =
    typeof value === 'object' && value !== null ? { ...value } : {};
  return {
    text: typeof known.text === 'string' ? known.text : '',
    docker: typeof known.docker === 'string' ? known.docker : '',
    dangling: DANGLING.find((choice) => choice === known.dangling) ?? 'shown',
    intermediate: known.intermediate === true,
  };
}

/** True where the filter can leave out anything. */
export function leavesOut({ text, docker, dangling }: ImageFilter): boolean {
  return text !== '' || docker !== '' || dangling !== 'shown';
}

/**
 * The names under which an image is shown: those that hold every word, else all of them where the image itself does,
 * by its platform or its ID. Undefined: it is not shown.
 */
export type NamesShown = (image: ImageSummary) => readonly string[] | undefined;

/** @param names what Docker's filters left of an image's names, undefined where they left out the image */
export function namesShown({ text, dangling }: ImageFilter, names: NamesShown): NamesShown {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return (image) => {
    const untagged = image.tags.length === 0;
    if ((dangling === 'only' && !untagged) || (dangling === 'hidden' && untagged)) return undefined;
    const left = names(image);
    if (left === undefined || words.length === 0) return left;
    // An untagged image is still known by the repository that it came from; some word is in every digest.
    const candidates = untagged ? image.repoDigests.map((name) => name.slice(0, name.indexOf('@'))) : left;
    const matching = candidates.filter((name) => holdsAll(name, words));
    if (matching.length > 0) return untagged ? left : matching;
    return words.every((word) => isOf(image, word)) ? left : undefined;
  };
}

/** By the name as it is shown; the registry that Docker leaves out, and `library/`, count only from their beginning. */
function holdsAll(name: string, words: readonly string[]): boolean {
  const whole = name.toLowerCase();
  if (!words.every((word) => whole.includes(word))) return false;
  const familiar = familiarTag(name).toLowerCase();
  return words.every((word) => familiar.includes(word) || whole.startsWith(word));
}

function isOf(image: ImageSummary, word: string): boolean {
  return (
    image.id.startsWith(word) ||
    digestHex(image.id).startsWith(word) ||
    formatPlatform(image.platform).includes(word)
  );
}

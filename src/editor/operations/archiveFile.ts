const ENDING = '.tar';
const MAX_NAME = 100;

/** A file name for an archive of these: `alpine-3.20.tar`, `images.tar` for several. */
export function archiveName(names: readonly string[]): string {
  const [only] = names;
  if (names.length !== 1 || only === undefined) return `images${ENDING}`;
  const last = only.slice(only.lastIndexOf('/') + 1);
  const safe = last.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, MAX_NAME);
  return `${safe === '' ? 'image' : safe}${ENDING}`;
}

import { humanSize } from '../../base/units.ts';
import { byRepository } from '../../images/index.ts';
import type { ListedImage } from '../../images/index.ts';
import { familiarRepository } from '../../reference/index.ts';
import { imageAge } from './ages.ts';
import { imageRows, shownId, SIZE_DIGITS } from './imageRows.ts';

/** The names of one image in one repository, which stand below one another. */
interface Group {
  readonly image: ListedImage;
  readonly repository: string;
  readonly tags: readonly string[];
}

const HEADINGS = { repository: 'REPOSITORY', tag: 'TAG', id: 'IMAGE ID', age: 'CREATED' };
/** As formatTable pads: at least ten cells, three of them space. */
const width = (longest: number): number => Math.max(10, longest + 3);

/**
 * Docker's table of images without digests: what formatTable would print of imageCells. Most rows differ from the one
 * above in the tag alone, and 20,000 of them are printed while Node itself starts; names are ASCII by their grammar.
 * @param now milliseconds since 1970
 */
export function plainImageTable(images: readonly ListedImage[], whole: boolean, now: number): string {
  const groups = images.flatMap(groupsOf);
  const cells = new Map<ListedImage, { readonly id: string; readonly age: string; readonly size: string }>();
  let [repositories, tags, ids, ages] = [0, 0, 0, 0];
  for (const { image, repository, tags: own } of groups) {
    repositories = Math.max(repositories, repository.length);
    for (const tag of own) if (tag.length > tags) tags = tag.length;
    const id = shownId(image, whole);
    const age = imageAge(image.created, now) ?? 'N/A';
    ids = Math.max(ids, id.length);
    ages = Math.max(ages, age.length);
    cells.set(image, { id, age, size: humanSize(image.size, SIZE_DIGITS) });
  }
  const widths = {
    repository: width(Math.max(repositories, HEADINGS.repository.length)),
    tag: width(Math.max(tags, HEADINGS.tag.length)),
    id: width(Math.max(ids, HEADINGS.id.length)),
    age: width(Math.max(ages, HEADINGS.age.length)),
  };
  const line = (repository: string, tag: string, id: string, age: string, size: string): string =>
    `${repository.padEnd(widths.repository)}${tag.padEnd(widths.tag)}${id.padEnd(widths.id)}${age.padEnd(widths.age)}${size}\n`;
  const parts = [line(HEADINGS.repository, HEADINGS.tag, HEADINGS.id, HEADINGS.age, 'SIZE')];
  for (const { image, repository, tags: own } of groups) {
    const { id = '', age = '', size = '' } = cells.get(image) ?? {};
    const before = repository.padEnd(widths.repository);
    const behind = `${id.padEnd(widths.id)}${age.padEnd(widths.age)}${size}\n`;
    parts.push(before, own.map((tag) => tag.padEnd(widths.tag)).join(behind + before), behind);
  }
  return parts.join('');
}

/** `images -q`: an ID for each row of that table. */
export function plainImageIds(images: readonly ListedImage[], whole: boolean): string {
  const lines = images.map((image) => {
    const rows = groupsOf(image).reduce((count, { tags }) => count + tags.length, 0);
    return `${shownId(image, whole)}\n`.repeat(rows);
  });
  return lines.join('');
}

function groupsOf(image: ListedImage): readonly Group[] {
  const groups = image.byRepository ?? byRepository(image.tags);
  // A repository of its digests that has no tag has a row too, and so has an image without a name.
  const isWhole = image.repoDigests.every((name) =>
    groups.some(({ repository }) => name.startsWith(`${repository}@`)),
  );
  if (groups.length === 0 || !isWhole) return oneByOne(image);
  return groups.map(({ repository, tags }) => ({ image, repository: familiarRepository(repository), tags }));
}

function oneByOne(image: ListedImage): readonly Group[] {
  const rows = imageRows([image], { digests: false, digestRows: false });
  return rows.map(({ repository, tag }) => ({ image, repository, tags: [tag] }));
}

import { humanSize } from '../../base/units.ts';
import type { ListedImage } from '../../images/index.ts';
import { shortDigest } from '../../oci/digest.ts';
import { familiarParts } from '../../reference/index.ts';
import { goTimeString, imageAge } from './ages.ts';
import { formatRows } from './format.ts';
import type { FormatRow } from './format.ts';

const NONE = '<none>';
/** Docker's own table of images shows three digits of a size. */
export const SIZE_DIGITS = 3;

/** One row of `images`: an image under one of its names. */
export interface ImageRow {
  readonly image: ListedImage;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

export interface NamesShown {
  /** A tag is shown with each digest of its repository. */
  readonly digests: boolean;
  /** A repository without a tag is shown with each of its digests. */
  readonly digestRows: boolean;
}

/** The rows of these images (docker/cli formatter/image.go). A repository with digests only has `<none>` for its tag. */
export function imageRows(images: readonly ListedImage[], shown: NamesShown): readonly ImageRow[] {
  const rows: ImageRow[] = [];
  for (const image of images) addRows(rows, image, shown);
  return rows;
}

function addRows(rows: ImageRow[], image: ListedImage, shown: NamesShown): void {
  const before = rows.length;
  const digests = digestsByRepository(image);
  const tagged = new Set<string>();
  for (const name of image.tags) {
    const { repository, tag = NONE } = familiarParts(name);
    tagged.add(repository);
    const own = shown.digests ? (digests.get(repository) ?? [NONE]) : [NONE];
    for (const digest of own) rows.push({ image, repository, tag, digest });
  }
  for (const [repository, own] of digests) {
    if (tagged.has(repository)) continue;
    for (const digest of shown.digestRows ? own : ['']) rows.push({ image, repository, tag: NONE, digest });
  }
  if (rows.length === before) rows.push({ image, repository: NONE, tag: NONE, digest: NONE });
}

function digestsByRepository({ repoDigests }: ListedImage): ReadonlyMap<string, readonly string[]> {
  const byRepository = new Map<string, string[]>();
  for (const name of repoDigests) {
    const { repository, digest = NONE } = familiarParts(name);
    const own = byRepository.get(repository);
    if (own === undefined) byRepository.set(repository, [digest]);
    else own.push(digest);
  }
  return byRepository;
}

/** What `--format` prints of these images (docker/cli formatter/image.go). @throws FormatError */
export function formatImages(
  images: readonly ListedImage[],
  shown: {
    readonly format: string;
    readonly quiet: boolean;
    readonly digests: boolean;
    readonly whole: boolean;
    readonly now: number;
  },
): string {
  const { quiet, digests, whole, now } = shown;
  const isOwnTable = shown.format.startsWith('table') && shown.format !== 'table';
  const lacksDigest = isOwnTable && digests && !shown.format.includes(DIGEST);
  const format = lacksDigest ? `${shown.format}\t${DIGEST}` : shown.format;
  const rows = imageRows(images, { digests: digests || format.includes(DIGEST), digestRows: digests });
  return formatRows({
    format,
    table: quiet ? '{{.ID}}' : tableTemplate(digests),
    raw: quiet ? 'image_id: {{.ID}}' : rawTemplate(digests),
    typeName: 'formatter.imageContext',
    unexported: ['trunc', 'i', 'repo', 'tag', 'digest'],
    headings: HEADINGS,
    rows: rows.map((row) => imageFields(row, whole, now)),
  });
}

const DIGEST = '{{.Digest}}';

const HEADINGS = {
  ID: 'IMAGE ID',
  Repository: 'REPOSITORY',
  Tag: 'TAG',
  Digest: 'DIGEST',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  Size: 'SIZE',
  Containers: 'CONTAINERS',
  VirtualSize: 'SIZE',
  SharedSize: 'SHARED SIZE',
  UniqueSize: 'UNIQUE SIZE',
};

function tableTemplate(digests: boolean): string {
  const age = '{{if .CreatedSince }}{{.CreatedSince}}{{else}}N/A{{end}}';
  const digest = digests ? [DIGEST] : [];
  return `table ${['{{.Repository}}', '{{.Tag}}', ...digest, '{{.ID}}', age, '{{.Size}}'].join('\t')}`;
}

function rawTemplate(digests: boolean): string {
  const lines = [
    'repository: {{.Repository}}',
    'tag: {{.Tag}}',
    ...(digests ? [`digest: ${DIGEST}`] : []),
    'image_id: {{.ID}}',
    'created_at: {{.CreatedAt}}',
    'virtual_size: {{.Size}}',
  ];
  return `${lines.join('\n')}\n`;
}

/** Docker's imageContext. */
function imageFields(row: ImageRow, whole: boolean, now: number): FormatRow {
  const { image } = row;
  return {
    Containers: 'N/A',
    CreatedAt: () => goTimeString(image.created),
    CreatedSince: () => imageAge(image.created, now) ?? '',
    Digest: row.digest,
    ID: shownId(image, whole),
    Repository: row.repository,
    SharedSize: 'N/A',
    Size: () => humanSize(image.size, SIZE_DIGITS),
    Tag: row.tag,
    UniqueSize: 'N/A',
    VirtualSize: () => humanSize(image.size),
  };
}

/** The cells of Docker's own table with digests. @param now milliseconds since 1970 */
export function digestCells(
  rows: readonly ImageRow[],
  whole: boolean,
  now: number,
): readonly (readonly string[])[] {
  return rows.map(({ image, repository, tag, digest }) => {
    const age = imageAge(image.created, now) ?? 'N/A';
    return [repository, tag, digest, shownId(image, whole), age, humanSize(image.size, SIZE_DIGITS)];
  });
}

export function shownId(image: ListedImage, whole: boolean): string {
  return whole ? image.id : shortDigest(image.id);
}

import { humanSize } from '../../base/units.ts';
import type { DiskUsage, ImageUsage } from '../../images/index.ts';
import { shortDigest } from '../../oci/digest.ts';
import { familiarParts } from '../../reference/index.ts';
import { EMPTY_STRUCT, listOf, TemplateError } from '../../template/index.ts';
import type { ListType, StructType, Value } from '../../template/index.ts';
import { goTimeString, imageAge } from './ages.ts';
import { formatRows, parseFormat, rowValues } from './format.ts';
import type { FormatRow } from './format.ts';
import { formatTable } from './table.ts';

const NONE = '<none>';
const SIZE_DIGITS = 3;

/** What Docker has besides images. Containers come with their room; volumes and a build cache Strata has none. */
const OTHERS = ['Containers', 'Local Volumes', 'Build Cache'] as const;

/** The table of `system df`, or what `--format` says (docker/cli formatter/disk_usage.go). @throws FormatError */
export function formatDiskUsage(usage: DiskUsage, format: string): string {
  const columns = ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'];
  return formatRows({
    format,
    table: `table ${columns.map((name) => `{{.${name}}}`).join('\t')}`,
    raw: [
      'type: {{.Type}}',
      'total: {{.TotalCount}}',
      'active: {{.Active}}',
      'size: {{.Size}}',
      'reclaimable: {{.Reclaimable}}',
      '',
    ].join('\n'),
    typeName: 'formatter.diskUsageImagesContext',
    headings: {
      Type: 'TYPE',
      TotalCount: 'TOTAL',
      Active: 'ACTIVE',
      Size: 'SIZE',
      Reclaimable: 'RECLAIMABLE',
    },
    rows: [
      {
        Type: 'Images',
        TotalCount: String(usage.images.length),
        Active: String(usage.images.filter(({ containers }) => containers > 0).length),
        Size: humanSize(usage.layersSize),
        Reclaimable: reclaimable(usage),
      },
      ...OTHERS.map((type) => ({
        Type: type,
        TotalCount: '0',
        Active: '0',
        Size: humanSize(0),
        Reclaimable: humanSize(0),
      })),
    ],
  });
}

function reclaimable({ layersSize, reclaimableSize }: DiskUsage): string {
  const size = humanSize(reclaimableSize);
  return layersSize === 0 ? size : `${size} (${Math.trunc((reclaimableSize * 100) / layersSize)}%)`;
}

/** The tables of `system df -v`: of what there never is anything there are the headings, as in Docker. */
export function verboseTables({ images }: DiskUsage, now: number): string {
  const rows = images.map((usage) => {
    const { repository, tag } = nameOf(usage);
    return [
      repository,
      tag,
      shortDigest(usage.image.id),
      imageAge(usage.image.created, now) ?? 'N/A',
      humanSize(usage.image.size),
      humanSize(usage.sharedSize),
      humanSize(usage.uniqueSize),
      String(usage.containers),
    ];
  });
  return [
    ['Images space usage:', [IMAGE_HEADINGS, ...rows]] as const,
    ['Containers space usage:', [CONTAINER_HEADINGS]] as const,
    ['Local Volumes space usage:', [['VOLUME NAME', 'LINKS', 'SIZE']]] as const,
    [`Build cache usage: ${humanSize(0)}`, [CACHE_HEADINGS]] as const,
  ]
    .map(([title, table]) => `${title}\n\n${formatTable(table)}`)
    .join('\n');
}

const IMAGE_HEADINGS = [
  'REPOSITORY',
  'TAG',
  'IMAGE ID',
  'CREATED',
  'SIZE',
  'SHARED SIZE',
  'UNIQUE SIZE',
  'CONTAINERS',
];
const CONTAINER_HEADINGS = [
  'CONTAINER ID',
  'IMAGE',
  'COMMAND',
  'LOCAL VOLUMES',
  'SIZE',
  'CREATED',
  'STATUS',
  'NAMES',
];
const CACHE_HEADINGS = ['CACHE ID', 'CACHE TYPE', 'SIZE', 'CREATED', 'LAST USED', 'USAGE', 'SHARED'];

/** Docker shows each image once, by the first of its tags. */
function nameOf({ image }: ImageUsage): { repository: string; tag: string } {
  const [first] = image.tags;
  if (first === undefined) return { repository: NONE, tag: NONE };
  const { repository, tag = NONE } = familiarParts(first);
  return { repository, tag };
}

/**
 * What `system df -v --format` prints: one template for all, over `.Images`, `.Containers`, `.Volumes`, `.BuildCache`.
 * @returns what was printed, and the message where the template failed behind it
 * @throws FormatError for a template that cannot be parsed
 */
export function formatVerbose(
  { images }: DiskUsage,
  format: string,
  now: number,
): { readonly text: string; readonly failure?: string } {
  const template = parseFormat(format.replace(/^table/, '').trim());
  const rows = images.map((usage) => imageFields(usage, now));
  const toValue = rowValues({
    typeName: 'formatter.imageContext',
    unexported: ['trunc', 'i', 'repo', 'tag', 'digest'],
    rows,
  });
  try {
    return { text: template.execute(contextOf(rows.map(toValue))) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return { text: error.partial, failure: error.message };
  }
}

/** Docker's diskUsageContext. */
function contextOf(images: readonly Value[]): Value {
  const imageList = listOf(images[0]?.type ?? EMPTY_STRUCT);
  const none = listOf(EMPTY_STRUCT);
  const fields: readonly (readonly [string, ListType, readonly Value[]])[] = [
    ['Images', imageList, images],
    ['Containers', none, []],
    ['Volumes', none, []],
    ['BuildCache', none, []],
  ];
  const type: StructType = {
    kind: 'struct',
    name: '*formatter.diskUsageContext',
    fields: fields.map(([name, of]) => ({ name, type: of })),
  };
  const get = (wanted: string): Value => {
    const [, of, items] = fields.find(([name]) => name === wanted) ?? ['', none, []];
    return { kind: 'list', type: of, items };
  };
  return { kind: 'struct', type, get };
}

function imageFields(usage: ImageUsage, now: number): FormatRow {
  const { image, containers, sharedSize, uniqueSize } = usage;
  const { repository, tag } = nameOf(usage);
  return {
    Containers: String(containers),
    CreatedAt: goTimeString(image.created),
    CreatedSince: imageAge(image.created, now) ?? '',
    Digest: '',
    ID: image.id,
    Repository: repository,
    SharedSize: humanSize(sharedSize),
    Size: humanSize(image.size, SIZE_DIGITS),
    Tag: tag,
    UniqueSize: humanSize(uniqueSize),
    VirtualSize: humanSize(image.size),
  };
}

import { humanSize } from '../../base/units.ts';
import type { ImageSummary } from '../../images/index.ts';
import { shortDigest } from '../../oci/digest.ts';
import { familiarName, parseReference } from '../../reference/index.ts';
import type { Command } from '../command.ts';
import { imageAge } from '../output/ages.ts';
import { formatTable } from '../output/table.ts';

const NONE = '<none>';
/** Docker's own table of images shows three digits of a size. */
const SIZE_DIGITS = 3;

export const imagesCommand: Command = {
  names: ['images', 'image ls', 'image list'],
  usage: '[OPTIONS]',
  summary: 'images',
  flags: {
    all: { short: 'a', type: 'boolean', description: 'Show all images (default hides intermediate images)' },
    digests: { type: 'boolean', description: 'Show digests' },
    'no-trunc': { type: 'boolean', description: "Don't truncate output" },
    quiet: { short: 'q', type: 'boolean', description: 'Only show image IDs' },
  },
  args: { min: 0, max: 0 },
  async run({ app, stdout }, parsed) {
    const images = await app.list({ all: parsed.isSet('all') });
    const digests = parsed.isSet('digests');
    const showId = (image: ImageSummary): string =>
      parsed.isSet('no-trunc') ? image.id : shortDigest(image.id);
    if (parsed.isSet('quiet')) {
      for (const image of images) stdout.write(`${showId(image)}\n`.repeat(namesOf(image, digests).length));
      return 0;
    }
    const now = Date.now();
    const rows = images.flatMap((image) =>
      namesOf(image, digests).map(({ repository, tag, digest }) => [
        repository,
        tag,
        ...(digests ? [digest] : []),
        showId(image),
        imageAge(image.created, now),
        humanSize(image.size, SIZE_DIGITS),
      ]),
    );
    const headings = ['REPOSITORY', 'TAG', ...(digests ? ['DIGEST'] : []), 'IMAGE ID', 'CREATED', 'SIZE'];
    stdout.write(formatTable([headings, ...rows]));
    return 0;
  },
};

interface ImageName {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** The rows of one image (docker/cli formatter/image.go): each tag; a repository with digests only has `<none>` for its tag. */
function namesOf(image: ImageSummary, withDigests: boolean): readonly ImageName[] {
  const digests = image.repoDigests.map((name) => parseReference(name));
  const tags = image.tags.map((name) => parseReference(name));
  const rows = tags.flatMap((tag) => {
    const name = { repository: familiarName(tag), tag: tag.tag ?? NONE };
    const own = digests.filter((digest) => familiarName(digest) === name.repository);
    if (!withDigests || own.length === 0) return [{ ...name, digest: NONE }];
    return own.map(({ digest = NONE }) => ({ ...name, digest }));
  });
  const tagged = new Set(rows.map((row) => row.repository));
  const untagged = digests
    .map((digest) => ({ repository: familiarName(digest), tag: NONE, digest: digest.digest ?? NONE }))
    .filter((row) => !tagged.has(row.repository));
  const shown = withDigests ? untagged : [...new Map(untagged.map((row) => [row.repository, row])).values()];
  const all = [...rows, ...shown];
  return all.length === 0 ? [{ repository: NONE, tag: NONE, digest: NONE }] : all;
}

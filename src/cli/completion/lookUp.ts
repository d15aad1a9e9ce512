import { homedir } from 'node:os';
import { silentLogger } from '../../base/logger.ts';
import { humanSize } from '../../base/units.ts';
import type { ListedImage } from '../../images/index.ts';
import { shortDigest } from '../../oci/digest.ts';
import { familiarParts, parseIdPrefix } from '../../reference/index.ts';
import { dockerConfigHosts } from '../../registry/index.ts';
import type { CommandContext } from '../command.ts';
import type { Candidate, Offer } from './answer.ts';

/** The candidates that the store and Docker's configuration tell. Of files the shell knows more. */
export async function lookUp(
  kind: NonNullable<Offer['lookUp']>,
  typed: string,
  { app, env }: Pick<CommandContext, 'app' | 'env'>,
): Promise<readonly Candidate[]> {
  switch (kind) {
    case 'files':
      return [];
    case 'images':
      return (await app.listNames({ all: true })).flatMap((image) => [
        ...tagsOf(image),
        ...idOf(image, typed),
      ]);
    case 'repositories':
      return (await app.listNames()).flatMap((image) => [...repositoriesOf(image), ...tagsOf(image)]);
    case 'registries': {
      const images = await app.listNames();
      const used = images.flatMap(({ tags, repoDigests }) => [...tags, ...repoDigests].map(domainOf));
      const known = await dockerConfigHosts({ env, homedir: homedir(), logger: silentLogger });
      return [...used, ...known].map((value) => ({ value, description: '' }));
    }
  }
}

/** Names are canonical, so the first component is the domain. */
const domainOf = (name: string): string => name.slice(0, name.indexOf('/'));

function tagsOf(image: ListedImage): readonly Candidate[] {
  const description = `${shortDigest(image.id)} ${humanSize(image.size)}`;
  return image.tags.map((name) => {
    const { repository, tag = '' } = familiarParts(name);
    return { value: `${repository}:${tag}`, description };
  });
}

function repositoriesOf(image: ListedImage): readonly Candidate[] {
  return image.tags.map((name) => ({ value: familiarParts(name).repository, description: '' }));
}

/** IDs would bury the names: those of images without one are offered, and all to who begins to type one. */
function idOf(image: ListedImage, typed: string): readonly Candidate[] {
  const prefix = parseIdPrefix(typed);
  if (prefix === undefined && (image.tags.length > 0 || typed !== '')) return [];
  const description = tagsOf(image)[0]?.value ?? '<none>';
  const id = shortDigest(image.id);
  return [{ value: prefix === undefined ? id : inFormOf(typed, prefix, image.id), description }];
}

/** As much of the ID as was typed, at least twelve characters, and with the algorithm if that was typed. */
function inFormOf(typed: string, prefix: string, id: string): string {
  const short = shortDigest(id);
  if (typed !== prefix) return id;
  return prefix.length > short.length ? id.slice(id.indexOf(':') + 1) : short;
}

import { formatPlatform } from '../../../oci/platform.ts';
import { familiarTag } from '../../trees/imageNodes.ts';
import { tagName } from '../../registries/registryNodes.ts';
import type { Services } from '../../services.ts';
import { pullImage } from '../pullImage.ts';
import { registriesRow } from './targets.ts';

/** Pulls a tag, for the platform of the row if it is of one; a repository leads to its tags first. */
export async function pullRemote(services: Services, args: readonly unknown[]): Promise<void> {
  const row = registriesRow(args);
  switch (row?.kind) {
    case 'repository':
      await pullImage(services, [familiarTag(row.name)]);
      return;
    case 'remoteTag':
      await services.pulls.start({ name: familiarTag(tagName(row)) });
      return;
    case 'manifest': {
      const { platform } = row.manifest;
      await services.pulls.start({
        name: familiarTag(tagName(row.tag)),
        ...(platform === undefined ? {} : { platform: formatPlatform(platform) }),
      });
      return;
    }
    default:
      await pullImage(services, []);
  }
}

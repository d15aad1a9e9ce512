import * as vscode from 'vscode';
import type { App } from '../../app/index.ts';
import { formatPlatform, hostPlatform, pickPlatform } from '../../oci/platform.ts';
import { familiarTag } from '../trees/imageNodes.ts';
import { showRemoteStep } from './remoteStep.ts';
import type { RemoteStepOptions } from './remoteStep.ts';
import type { StepResult } from './step.ts';

interface PlatformItem extends vscode.QuickPickItem {
  readonly platform?: string;
}

interface PlatformStepOptions extends RemoteStepOptions {
  readonly app: Pick<App, 'remotePlatforms'>;
  readonly name: string;
}

/** Offers the platforms of an image that has several. */
export async function askPlatform(
  options: PlatformStepOptions,
): Promise<StepResult<PlatformItem> | { readonly kind: 'skipped' }> {
  const { app, name } = options;
  return await showRemoteStep<PlatformItem>(options, {
    title: vscode.l10n.t('Pull {0}: Platform', familiarTag(name)),
    placeholder: vscode.l10n.t('Choose a platform'),
    items: [],
    what: `platforms of ${name}`,
    list: async (signal) => {
      const platforms = await platformItems(app, name, signal);
      return platforms.length > 1 ? platforms : undefined;
    },
    accepts: ({ platform }) => platform !== undefined,
  });
}

/** This machine's own first. */
async function platformItems(
  app: Pick<App, 'remotePlatforms'>,
  name: string,
  signal: AbortSignal,
): Promise<readonly PlatformItem[]> {
  const offered = await app.remotePlatforms(name, signal);
  const descriptors = offered.map(({ platform, digest }) => ({ platform, digest, mediaType: '', size: 0 }));
  const own = pickPlatform(descriptors, hostPlatform());
  const items = descriptors.map((descriptor): PlatformItem => {
    const text = formatPlatform(descriptor.platform);
    return {
      label: text,
      platform: text,
      iconPath: new vscode.ThemeIcon('chip'),
      ...(descriptor === own ? { description: vscode.l10n.t('this machine') } : {}),
    };
  });
  return items.toSorted((a, b) => Number(b.description !== undefined) - Number(a.description !== undefined));
}

import type { App } from '../../app/index.ts';
import type { Logger } from '../../base/logger.ts';
import type { PullRequest } from '../../images/types.ts';
import type { Memory } from '../recentNames.ts';
import { askName } from './nameStep.ts';
import { askPlatform } from './platformStep.ts';
import { askTag } from './tagStep.ts';
import { readTypedName } from './typedName.ts';
import type { TypedName } from './typedName.ts';

export interface PullPickerDeps {
  readonly app: Pick<App, 'remoteTagList' | 'remotePlatforms'>;
  readonly logger: Logger;
  readonly memory: Memory;
  /** `strata.pull.platform`: empty for this machine's own, `ask`, or a platform. */
  readonly platform: string;
}

const ASK = 'ask';

/** How many steps there are at most, that of the name among them. */
export function pullSteps({ platform }: PullPickerDeps): number {
  return platform === ASK ? 3 : 2;
}

/** Asks for name, tag and platform, as far as needed. Undefined when the person gives up. */
export async function pickPull(deps: PullPickerDeps, initial = ''): Promise<PullRequest | undefined> {
  const totalSteps = pullSteps(deps);
  let value = initial;
  for (;;) {
    const named = await askName(deps.memory, value, totalSteps);
    if (named.kind !== 'chosen') return undefined;
    const typed = readTypedName(named.item.name ?? '');
    if (typed.kind !== 'valid') return undefined;
    value = named.item.name ?? '';

    const request = await pickTagAndPlatform(deps, typed, totalSteps);
    if (request !== 'back') return request;
  }
}

/** The steps after the name. The step before them is the first of `totalSteps`. */
export async function pickTagAndPlatform(
  deps: PullPickerDeps,
  typed: TypedName & { kind: 'valid' },
  totalSteps: number,
): Promise<PullRequest | 'back' | undefined> {
  for (;;) {
    let name = typed.familiar;
    let tagAsked = false;
    if (typed.tagDefaulted) {
      const tagged = await askTag({ ...deps, repository: typed.repository, step: 2, totalSteps });
      if (tagged.kind === 'back') return 'back';
      if (tagged.kind === 'cancelled') return undefined;
      if (tagged.kind === 'chosen') {
        name = tagged.item.name ?? name;
        tagAsked = true;
      }
    }
    if (deps.platform !== ASK) return request(name, deps.platform);
    const chosen = await askPlatform({ ...deps, name, step: totalSteps, totalSteps });
    if (chosen.kind === 'cancelled') return undefined;
    if (chosen.kind === 'skipped') return request(name, '');
    if (chosen.kind === 'chosen') return request(name, chosen.item.platform ?? '');
    if (!tagAsked) return 'back';
  }
}

function request(name: string, platform: string): PullRequest {
  return { name, ...(platform === '' ? {} : { platform }) };
}

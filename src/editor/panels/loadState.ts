import type { App } from '../../app/index.ts';
import { isStrataError } from '../../base/errors.ts';
import type { PanelState, PanelTarget } from '../../protocol/imagePanel.ts';
import { buildImageView } from './imageView.ts';
import { toRequestError } from './messageHandler.ts';

export interface LoadDeps {
  readonly app: Pick<App, 'find' | 'history' | 'inspect'>;
  /** A failure as one sentence in the person's language. */
  readonly describe: (error: unknown) => string;
}

/** What the panel of this target shows now. Failures become a state of their own; nothing is thrown. */
export async function loadState(deps: LoadDeps, target: PanelTarget, pulling: boolean): Promise<PanelState> {
  const { app } = deps;
  try {
    const summary = await app.find(target.imageId);
    const [history, inspect] = await Promise.all([app.history(summary.id), app.inspect(summary.id)]);
    const image = buildImageView(summary, history, inspect);
    const moved = target.name !== undefined && !image.names.includes(target.name);
    return { kind: 'image', target, image, nameMoved: moved && (await nameIsTaken(deps, target)) };
  } catch (error) {
    if (isStrataError(error, 'image-not-found')) {
      return { kind: 'gone', target, nameMoved: await nameIsTaken(deps, target), pulling };
    }
    return { kind: 'failed', target, error: toRequestError(error, deps.describe), pulling };
  }
}

/** Whether the target's name leads to another image by now. A hint only: a failure here means no. */
async function nameIsTaken({ app }: LoadDeps, target: PanelTarget): Promise<boolean> {
  if (target.name === undefined) return false;
  try {
    return (await app.find(target.name)).id !== target.imageId;
  } catch {
    return false;
  }
}

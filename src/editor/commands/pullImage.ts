import type { PullRequest } from '../../images/types.ts';
import { pickPull } from '../pullPicker/pullPicker.ts';
import type { PullOutcome } from '../pulls/pulls.ts';
import { recentNames } from '../recentNames.ts';
import { platformSetting } from '../settings.ts';
import type { Services } from '../services.ts';
import { familiarTag } from '../trees/imageNodes.ts';
import { IMAGES_VIEW } from '../trees/imagesView.ts';
import * as vscode from 'vscode';

/** Asks what to pull and pulls it; progress shows in the view and in the status bar. */
export async function pullImage(services: Services, args: readonly unknown[]): Promise<void> {
  const [initial] = args;
  const { app, logger, memory } = services;
  const request = await pickPull(
    { app, logger, memory, platform: platformSetting() },
    typeof initial === 'string' ? initial : '',
  );
  if (request !== undefined) await startPull(services, request);
}

/** Pulls, with the rows in sight. Never rejects for what goes wrong with the pull. */
export async function startPull(services: Services, request: PullRequest): Promise<PullOutcome> {
  const { memory } = services;
  await recentNames.remember(memory, familiarTag(request.name));
  // The rows with the progress should be seen, but the keyboard stays where the person has it.
  await vscode.commands.executeCommand(`${IMAGES_VIEW}.open`, { preserveFocus: true });
  return await services.pulls.start(request);
}

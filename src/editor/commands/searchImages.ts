import * as vscode from 'vscode';
import type { PullRequest } from '../../images/types.ts';
import { CommandId } from '../commandIds.ts';
import { pickTagAndPlatform, pullSteps } from '../pullPicker/pullPicker.ts';
import { readTypedName } from '../pullPicker/typedName.ts';
import { SearchPick } from '../searchPicker/searchPick.ts';
import type { FoundImage } from '../searchPicker/searchPick.ts';
import type { Services } from '../services.ts';
import { platformSetting } from '../settings.ts';
import { startPull } from './pullImage.ts';

/** Searches Docker Hub or another registry while one types, and pulls what is chosen, by one of its tags. */
export async function searchImages(services: Services, args: readonly unknown[]): Promise<void> {
  const { app, memory, failures } = services;
  const signIn = async (host: string): Promise<boolean> =>
    (await vscode.commands.executeCommand(CommandId.signIn, host)) === true;
  const search = new SearchPick({ app, memory, failures, signIn });
  try {
    let initial = typeof args[0] === 'string' ? args[0] : undefined;
    for (;;) {
      const found = await search.ask(initial);
      initial = undefined;
      if (found === undefined) return;
      const request = await askTagOf(services, found);
      if (request === 'back') continue;
      if (request !== undefined) void pullFound(services, request, found);
      return;
    }
  } finally {
    search.dispose();
  }
}

async function askTagOf(services: Services, { name }: FoundImage): Promise<PullRequest | 'back' | undefined> {
  const { app, logger, memory } = services;
  const typed = readTypedName(name);
  // The registry's answer is no name: the pull says what is wrong with it.
  if (typed.kind !== 'valid') return { name };
  const deps = { app, logger, memory, platform: platformSetting() };
  return await pickTagAndPlatform(deps, typed, pullSteps(deps));
}

async function pullFound(services: Services, request: PullRequest, { look }: FoundImage): Promise<void> {
  const outcome = await startPull(services, request);
  if (look && outcome.kind === 'done') await services.panels.open(outcome.result.imageId);
}

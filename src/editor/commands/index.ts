import * as vscode from 'vscode';
import { CommandId } from '../commandIds.ts';
import type { CommandName } from '../commandIds.ts';
import type { Services } from '../services.ts';
import {
  configureImagesView,
  describeImages,
  groupImages,
  labelImages,
  sortImages,
} from './arrangeImages.ts';
import { cancelPull } from './cancelPull.ts';
import { copyDigest } from './copyDigest.ts';
import { copyId } from './copyId.ts';
import { copyName } from './copyName.ts';
import { deleteImage } from './deleteImage.ts';
import { dismissPull } from './dismissPull.ts';
import { filterImages } from './filterImages.ts';
import { filterImagesByDocker } from './filterImagesByDocker.ts';
import { history } from './history.ts';
import {
  clearImageFilter,
  hideDangling,
  hideIntermediate,
  showDangling,
  showIntermediate,
  showOnlyDangling,
} from './imageFilterToggles.ts';
import { inspect } from './inspect.ts';
import { moveStore } from './moveStore.ts';
import { openImage } from './openImage.ts';
import { openWalkthrough } from './openWalkthrough.ts';
import { pullImage } from './pullImage.ts';
import { refresh } from './refresh.ts';
import { addRegistry } from './registries/addRegistry.ts';
import { addRepository } from './registries/addRepository.ts';
import { copyRemoteDigest, copyRemoteName } from './registries/copyRemote.ts';
import { copyRemoteTo } from './registries/copyRemoteTo.ts';
import { editCredentials, removeCredentials } from './registries/credentials.ts';
import { deleteRemoteTag } from './registries/deleteRemoteTag.ts';
import { pullRemote } from './registries/pullRemote.ts';
import { refreshRegistry } from './registries/refreshRegistry.ts';
import { removeRegistry } from './registries/removeRegistry.ts';
import { removeRepository } from './registries/removeRepository.ts';
import { showMoreRemote } from './registries/showMoreRemote.ts';
import { retryPull } from './retryPull.ts';
import { showLog } from './showLog.ts';
import { signIn } from './signIn.ts';
import { signOut } from './signOut.ts';
import { searchImages } from './searchImages.ts';
import { tagImage } from './tagImage.ts';
import { pushImage } from './pushImage.ts';
import { saveImages } from './saveImages.ts';
import { loadImages } from './loadImages.ts';
import { importImage } from './importImage.ts';
import { pruneImages } from './pruneImages.ts';
import { copyToRegistry } from './copyToRegistry.ts';
import { cancelOperation } from './cancelOperation.ts';

/** What a command does. It throws what goes wrong; what it returns goes to whoever executed it. */
type Command = (services: Services, args: readonly unknown[]) => unknown;

const commands: Readonly<Record<CommandName, Command>> = {
  pullImage,
  refresh,
  openImage,
  inspect,
  history,
  copyName,
  copyId,
  copyDigest,
  deleteImage,
  cancelPull,
  retryPull,
  dismissPull,
  signIn,
  signOut,
  moveStore,
  openWalkthrough,
  showLog,
  searchImages,
  tagImage,
  pushImage,
  saveImages,
  loadImages,
  importImage,
  pruneImages,
  copyToRegistry,
  cancelOperation,
  groupImages,
  sortImages,
  labelImages,
  describeImages,
  configureImagesView,
  filterImages,
  filterImagesByDocker,
  clearImageFilter,
  showOnlyDangling,
  hideDangling,
  showDangling,
  showIntermediate,
  hideIntermediate,
  addRegistry,
  removeRegistry,
  addRepository,
  removeRepository,
  refreshRegistry,
  retryRegistry: refreshRegistry,
  showMoreRemote,
  pullRemote,
  copyRemoteName,
  copyRemoteDigest,
  copyRemoteTo,
  deleteRemoteTag,
  signInToRegistry: editCredentials,
  editCredentials,
  removeCredentials,
};

/** Registers every command; a failure of any is shown in one place, with Retry doing the same again. */
export function registerCommands(services: Services): vscode.Disposable {
  const register = ([name, command]: [CommandName, Command]): vscode.Disposable => {
    const run = async (...args: unknown[]): Promise<unknown> => {
      try {
        return await command(services, args);
      } catch (error) {
        void services.failures.show(error, { retry: () => run(...args) });
        return undefined;
      }
    };
    return vscode.commands.registerCommand(CommandId[name], run);
  };
  const entries = Object.entries(commands) as [CommandName, Command][];
  return vscode.Disposable.from(...entries.map(register));
}

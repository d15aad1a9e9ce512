import * as vscode from 'vscode';
import { isCancelled, isStrataError } from '../../base/errors.ts';
import { parseReference } from '../../reference/index.ts';
import type { Services } from '../services.ts';
import { sentences } from '../text.ts';

const DOCKER_HUB = 'docker.io';

/**
 * Asks for user name and password or token of a registry, tries them there, and keeps them in VS Code's secret storage.
 * @returns true if they were stored
 */
export async function signIn(services: Services, args: readonly unknown[]): Promise<boolean> {
  const [given] = args;
  const host = typeof given === 'string' && given !== '' ? given : await askHost();
  if (host === undefined) return false;
  for (let account = await askAccount(host); account !== undefined;) {
    const decision = await tryOut(services, host, account);
    if (decision === 'cancel') return false;
    if (decision === 'store') {
      await services.secrets.store(host, account);
      services.logger.info(`Credentials for ${host} were stored`);
      vscode.window.setStatusBarMessage(
        vscode.l10n.t('Signed in: the next pull from {0} uses these credentials.', host),
        5000,
      );
      return true;
    }
    account = await askAccount(host, account.username);
  }
  return false;
}

interface Account {
  readonly username: string;
  readonly password: string;
}

async function askAccount(host: string, value = ''): Promise<Account | undefined> {
  const username = await vscode.window.showInputBox({
    title: vscode.l10n.t('Sign In to {0}', host),
    prompt: vscode.l10n.t('User name'),
    value,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? vscode.l10n.t('A user name is needed.') : undefined),
  });
  if (username === undefined) return undefined;
  const password = await vscode.window.showInputBox({
    title: vscode.l10n.t('Sign In to {0}', host),
    prompt: vscode.l10n.t('Password or access token, kept in the secret storage of VS Code'),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === '' ? vscode.l10n.t('A password or token is needed.') : undefined),
  });
  return password === undefined ? undefined : { username: username.trim(), password };
}

type Decision = 'store' | 'again' | 'cancel';

/** Credentials that the registry refuses are of no use; where it cannot be asked the person decides. */
async function tryOut({ app, failures }: Services, host: string, account: Account): Promise<Decision> {
  try {
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t('Signing in to {0}…', host),
        cancellable: true,
      },
      async (_, token) => {
        const abort = new AbortController();
        token.onCancellationRequested(() => abort.abort());
        await app.verifyCredentials(host, account, abort.signal);
      },
    );
    return 'store';
  } catch (error) {
    if (isCancelled(error)) return 'cancel';
    failures.log(error);
    const again = vscode.l10n.t('Try Again');
    const sentence = failures.describe(error);
    if (isStrataError(error, 'registry-unauthorized')) {
      return (await vscode.window.showErrorMessage(sentence, again)) === again ? 'again' : 'cancel';
    }
    const anyway = vscode.l10n.t('Store Anyway');
    const text = sentences(vscode.l10n.t('The credentials could not be tried.'), sentence);
    const chosen = await vscode.window.showWarningMessage(text, anyway, again);
    if (chosen === undefined) return 'cancel';
    return chosen === anyway ? 'store' : 'again';
  }
}

async function askHost(): Promise<string | undefined> {
  const host = await vscode.window.showInputBox({
    title: vscode.l10n.t('Sign In to a Registry'),
    prompt: vscode.l10n.t('Host of the registry, such as docker.io, ghcr.io or localhost:5000'),
    value: DOCKER_HUB,
    ignoreFocusOut: true,
    validateInput: (text) =>
      readHost(text) === undefined
        ? vscode.l10n.t('"{0}" is not the host name of a registry.', text)
        : undefined,
  });
  return host === undefined ? undefined : readHost(host);
}

/** The host as image names write it. People paste addresses: scheme and path are cut off. */
function readHost(text: string): string | undefined {
  const host = text
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '');
  if (host === '') return undefined;
  try {
    const { domain } = parseReference(`${host}/x`);
    // A host without dot or port would be read as the first part of a name on Docker Hub.
    return host.includes('.') || host.includes(':') || host === 'localhost' ? domain : undefined;
  } catch (error) {
    if (isStrataError(error)) return undefined;
    throw error;
  }
}

import * as vscode from 'vscode';
import { isStrataError } from '../../base/errors.ts';
import { parseReference } from '../../reference/index.ts';
import type { Services } from '../services.ts';

const DOCKER_HUB = 'docker.io';

/**
 * Asks for user name and password or token of a registry and keeps them in VS Code's secret storage.
 * @returns true if they were stored
 */
export async function signIn(services: Services, args: readonly unknown[]): Promise<boolean> {
  const [given] = args;
  const host = typeof given === 'string' && given !== '' ? given : await askHost();
  if (host === undefined) return false;
  const username = await vscode.window.showInputBox({
    title: vscode.l10n.t('Sign In to {0}', host),
    prompt: vscode.l10n.t('User name'),
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? vscode.l10n.t('A user name is needed.') : undefined),
  });
  if (username === undefined) return false;
  const password = await vscode.window.showInputBox({
    title: vscode.l10n.t('Sign In to {0}', host),
    prompt: vscode.l10n.t('Password or access token, kept in the secret storage of VS Code'),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text === '' ? vscode.l10n.t('A password or token is needed.') : undefined),
  });
  if (password === undefined) return false;
  await services.secrets.store(host, { username: username.trim(), password });
  services.logger.info(`Credentials for ${host} were stored`);
  vscode.window.setStatusBarMessage(
    vscode.l10n.t('Signed in: the next pull from {0} uses these credentials.', host),
    5000,
  );
  return true;
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

import * as vscode from 'vscode';
import { DOCKER_HUB, registryHostOf } from '../../registries/knownRegistries.ts';
import type { Services } from '../../services.ts';
import { signIn } from '../signIn.ts';

interface RegistryKind extends vscode.QuickPickItem {
  /** Absent where the person's own host is asked for. */
  readonly host?: string;
  readonly example?: string;
  /** Credentials come from a helper program, not from a dialog. */
  readonly byHelper?: boolean;
}

/** Asks which registry, puts it into the settings, and offers to sign in. */
export async function addRegistry(services: Services): Promise<void> {
  const kind = await vscode.window.showQuickPick(kinds(), {
    title: vscode.l10n.t('Add Registry'),
    placeHolder: vscode.l10n.t('Choose a registry'),
    matchOnDescription: true,
  });
  if (kind === undefined) return;
  const host = kind.host ?? (await askHost(kind.example ?? ''));
  if (host === undefined) return;
  const { hosts } = services.registries;
  if (!hosts.includes(host)) await services.registries.setHosts([...hosts, host]);
  if (kind.byHelper === true) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        "{0} takes credentials from a helper: install docker-credential-ecr-login and name it under credHelpers in Docker's config.json.",
        host,
      ),
    );
    return;
  }
  await offerSignIn(services, host);
}

function kinds(): readonly RegistryKind[] {
  return [
    { label: 'Docker Hub', description: DOCKER_HUB, host: DOCKER_HUB },
    {
      label: 'GitHub Container Registry',
      description: 'ghcr.io',
      host: 'ghcr.io',
      detail: vscode.l10n.t('Signs in with a personal access token that may read packages'),
    },
    {
      label: 'GitLab',
      description: 'registry.gitlab.com',
      host: 'registry.gitlab.com',
      detail: vscode.l10n.t('Signs in with a personal or deploy token; a GitLab of your own is below'),
    },
    { label: 'Quay', description: 'quay.io', host: 'quay.io' },
    {
      label: 'Amazon ECR',
      description: 'ACCOUNT.dkr.ecr.REGION.amazonaws.com',
      example: '123456789012.dkr.ecr.eu-central-1.amazonaws.com',
      byHelper: true,
    },
    { label: 'Harbor', description: vscode.l10n.t('a host of your own'), example: 'harbor.example.com' },
    {
      label: vscode.l10n.t('Other Registry…'),
      description: vscode.l10n.t('any that speaks the distribution API'),
      example: 'localhost:5000',
    },
  ];
}

async function askHost(example: string): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Add Registry'),
    prompt: vscode.l10n.t('Host of the registry, with its port if it has one'),
    placeHolder: example,
    ignoreFocusOut: true,
    validateInput: (typed) =>
      registryHostOf(typed) === undefined
        ? vscode.l10n.t('Write a host such as {0}.', 'registry.example.com:5000')
        : undefined,
  });
  return text === undefined ? undefined : registryHostOf(text);
}

async function offerSignIn(services: Services, host: string): Promise<void> {
  if ((await services.secrets.get(host)) !== undefined) return;
  const now = vscode.l10n.t('Sign In');
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t('{0} was added. Private repositories need you to sign in.', host),
    now,
  );
  if (chosen === now && (await signIn(services, [host]))) services.registries.refresh(host);
}

import * as vscode from 'vscode';
import { shortDigest } from '../../oci/digest.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { CommandId } from '../commandIds.ts';
import { displaySize } from '../format.ts';
import { age, dateAndTime } from '../text.ts';
import { rowItem } from '../trees/treeItem.ts';
import { DOCKER_HUB } from './knownRegistries.ts';
import { registriesNodeId, repositoryLabel, tagName } from './registryNodes.ts';
import type {
  FailureNode,
  HintNode,
  ManifestNode,
  MoreNode,
  ReferrerNode,
  RegistriesNode,
  RegistryNode,
  RemoteTagNode,
  RepositoryNode,
} from './registryNodes.ts';

const { None, Collapsed } = vscode.TreeItemCollapsibleState;

/** @param user whom the credentials in VS Code's secret storage are of */
export function registryItem(node: RegistryNode, user: string | undefined): vscode.TreeItem {
  const label = node.host === DOCKER_HUB ? 'Docker Hub' : node.host;
  const item = row(node, label, 'server', Collapsed);
  if (user !== undefined) item.description = vscode.l10n.t('signed in as {0}', user);
  item.contextValue = user === undefined ? 'registry' : 'registry.signedIn';
  item.tooltip = node.host;
  return spoken(item, vscode.l10n.t('Registry {0}', label));
}

export function repositoryItem(node: RepositoryNode): vscode.TreeItem {
  const item = row(node, repositoryLabel(node.name), node.pinned ? 'pinned' : 'repo', Collapsed);
  item.contextValue = node.pinned ? 'repository.pinned' : 'repository';
  item.tooltip = node.name;
  return spoken(item, vscode.l10n.t('Repository {0}', repositoryLabel(node.name)));
}

export function remoteTagItem(node: RemoteTagNode): vscode.TreeItem {
  const { tag, isHere } = node;
  const item = row(node, tag.name, 'tag', Collapsed);
  const facts = [age(tag.updated), isHere ? vscode.l10n.t('in the store') : undefined];
  item.description = facts.filter((fact) => fact !== undefined).join(' · ');
  item.contextValue = 'remoteTag';
  const updated = dateAndTime(tag.updated);
  item.tooltip = updated === undefined ? tagName(node) : `${tagName(node)}\n${updated}`;
  return spoken(item, vscode.l10n.t('Tag {0}', tag.name));
}

export function manifestItem(node: ManifestNode): vscode.TreeItem {
  const { manifest, attestations } = node;
  const { platform } = manifest;
  const isAttestation = manifest.attestationOf !== undefined;
  const label = isAttestation
    ? vscode.l10n.t('Attestation')
    : platform === undefined
      ? shortDigest(manifest.digest)
      : formatPlatform(platform);
  const icon = isAttestation ? 'verified' : 'chip';
  const item = row(node, label, icon, attestations.length > 0 ? Collapsed : None);
  const size = displaySize(manifest.imageSize ?? manifest.size);
  item.description = platform === undefined ? size : `${size} · ${shortDigest(manifest.digest)}`;
  item.contextValue = isAttestation ? 'attestation' : 'manifest';
  item.tooltip = `${manifest.digest}\n${size}`;
  return spoken(item, label);
}

export function referrerItem(node: ReferrerNode): vscode.TreeItem {
  const { referrer } = node;
  const type = referrer.artifactType === '' ? vscode.l10n.t('Referrer') : referrer.artifactType;
  const item = row(node, type, 'link', None);
  item.description = displaySize(referrer.size);
  item.contextValue = 'referrer';
  const notes = Object.entries(referrer.annotations).map(([key, value]) => `${key}: ${value}`);
  item.tooltip = [type, referrer.digest, ...notes].join('\n');
  return spoken(item, type);
}

export function failureItem(node: FailureNode): vscode.TreeItem {
  const item = row(node, node.sentence, 'error', None);
  item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.tooltip = node.sentence;
  item.contextValue = node.canSignIn ? 'failure.signIn' : 'failure';
  return spoken(item, node.sentence);
}

export function hintItem(node: HintNode): vscode.TreeItem {
  const item = row(node, vscode.l10n.t('Add Repository…'), 'add', None);
  item.description = vscode.l10n.t('this registry lists none by itself');
  item.command = {
    command: CommandId.addRepository,
    title: vscode.l10n.t('Add Repository…'),
    arguments: [node.of],
  };
  return item;
}

export function moreItem(node: MoreNode): vscode.TreeItem {
  const item = row(node, vscode.l10n.t('Show More'), 'ellipsis', None);
  item.description = vscode.l10n.t('{0} left', node.left);
  item.command = {
    command: CommandId.showMoreRemote,
    title: vscode.l10n.t('Show More'),
    arguments: [node],
  };
  return item;
}

/** What a screen reader says: what the row is, and what stands behind it; the tooltip would be too much. */
function spoken(item: vscode.TreeItem, label: string): vscode.TreeItem {
  const { description } = item;
  const more = typeof description === 'string' && description !== '' ? `, ${description}` : '';
  item.accessibilityInformation = { label: `${label}${more}` };
  return item;
}

function row(
  node: RegistriesNode,
  label: string,
  icon: string,
  state: vscode.TreeItemCollapsibleState,
): vscode.TreeItem {
  return rowItem(registriesNodeId(node), label, icon, state);
}

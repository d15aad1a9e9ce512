import * as vscode from 'vscode';
import type { App } from '../../app/index.ts';
import { isCancelled, isStrataError } from '../../base/errors.ts';
import type { Failures } from '../failures.ts';
import type { Memory } from '../recentNames.ts';
import type { SecretCredentials } from '../secrets.ts';
import { pinnedRepositories, registryHosts } from './knownRegistries.ts';
import {
  failureItem,
  hintItem,
  manifestItem,
  moreItem,
  referrerItem,
  registryItem,
  remoteTagItem,
  repositoryItem,
} from './registryItems.ts';
import {
  registriesNodeId,
  registriesParent,
  repositoriesOf,
  repositoryNodes,
  tagChildren,
  tagName,
} from './registryNodes.ts';
import type {
  ManifestNode,
  MoreNode,
  ParentNode,
  RegistriesNode,
  RegistryNode,
  RemoteTagNode,
  RepositoryNode,
} from './registryNodes.ts';

const REGISTRIES_SETTING = 'strata.registries';

const REGISTRIES_VIEW = 'strata.registries';
/** Rows under one parent before Show More. */
const PAGE = 200;

interface RegistriesViewDeps {
  readonly app: App;
  readonly failures: Failures;
  readonly secrets: SecretCredentials;
  readonly memory: Memory;
}

/**
 * The Registries view: registries, their repositories, tags and manifests. A registry is asked when its row is
 * unfolded or refreshed, and never by itself.
 */
export class RegistriesView implements vscode.TreeDataProvider<RegistriesNode>, vscode.Disposable {
  readonly #deps: RegistriesViewDeps;
  readonly #changed = new vscode.EventEmitter<RegistriesNode | undefined>();
  readonly #view: vscode.TreeView<RegistriesNode>;
  readonly #subscriptions: readonly { dispose(): void }[];
  /** A row is redrawn by its object: each registry keeps its own. */
  readonly #registries = new Map<string, RegistryNode>();
  readonly #asking = new Map<string, AbortController>();
  readonly #shown = new Map<string, number>();

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(deps: RegistriesViewDeps) {
    this.#deps = deps;
    this.#view = vscode.window.createTreeView(REGISTRIES_VIEW, {
      treeDataProvider: this,
      showCollapseAll: true,
    });
    this.#subscriptions = [
      this.#view,
      this.#changed,
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(REGISTRIES_SETTING)) this.refresh();
      }),
    ];
  }

  /** The hosts that the view shows. */
  get hosts(): readonly string[] {
    return registryHosts(vscode.workspace.getConfiguration().get(REGISTRIES_SETTING));
  }

  /** Writes the setting where it is set: in the workspace if that has one of its own, else for the person. */
  async setHosts(hosts: readonly string[]): Promise<void> {
    const configuration = vscode.workspace.getConfiguration();
    const isOfWorkspace = configuration.inspect(REGISTRIES_SETTING)?.workspaceValue !== undefined;
    const { Workspace, Global } = vscode.ConfigurationTarget;
    await configuration.update(REGISTRIES_SETTING, hosts, isOfWorkspace ? Workspace : Global);
  }

  /** Asks again: one row, all of one registry by its host, or everything. */
  refresh(what?: RegistriesNode | string): void {
    this.#changed.fire(typeof what === 'string' ? this.#registries.get(what) : what);
  }

  showMore({ of }: MoreNode): void {
    const id = registriesNodeId(of);
    this.#shown.set(id, (this.#shown.get(id) ?? PAGE) + PAGE);
    this.#changed.fire(of);
  }

  async getTreeItem(node: RegistriesNode): Promise<vscode.TreeItem> {
    switch (node.kind) {
      case 'registry':
        return registryItem(node, await this.#user(node.host));
      case 'repository':
        return repositoryItem(node);
      case 'remoteTag':
        return remoteTagItem(node);
      case 'manifest':
        return manifestItem(node);
      case 'referrer':
        return referrerItem(node);
      case 'failure':
        return failureItem(node);
      case 'hint':
        return hintItem(node);
      case 'more':
        return moreItem(node);
    }
  }

  getParent(node: RegistriesNode): RegistriesNode | undefined {
    return registriesParent(node);
  }

  async getChildren(node?: RegistriesNode): Promise<RegistriesNode[]> {
    switch (node?.kind) {
      case undefined:
        return this.hosts.map((host) => this.#registry(host));
      case 'registry':
        return await this.#ask(node, (signal) => this.#repositories(node, signal));
      case 'repository':
        return await this.#ask(node, (signal) => this.#tags(node, signal));
      case 'remoteTag':
        return await this.#ask(node, async (signal) => [
          ...tagChildren(node, await this.#deps.app.remoteImage(tagName(node), signal)),
        ]);
      case 'manifest':
        return attestationNodes(node);
      case 'referrer':
      case 'failure':
      case 'hint':
      case 'more':
        return [];
    }
  }

  dispose(): void {
    for (const asking of this.#asking.values()) asking.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #registry(host: string): RegistryNode {
    const node = this.#registries.get(host) ?? { kind: 'registry', host };
    this.#registries.set(host, node);
    return node;
  }

  async #user(host: string): Promise<string | undefined> {
    const credentials = await this.#deps.secrets.get(host);
    if (credentials === undefined) return undefined;
    return 'username' in credentials ? credentials.username : vscode.l10n.t('a token');
  }

  /** A question that is asked again takes the place of the one under way; what fails is shown in a row of its own. */
  async #ask(
    node: ParentNode,
    read: (signal: AbortSignal) => Promise<RegistriesNode[]>,
  ): Promise<RegistriesNode[]> {
    const id = registriesNodeId(node);
    const asking = new AbortController();
    this.#asking.get(id)?.abort();
    this.#asking.set(id, asking);
    try {
      return await read(asking.signal);
    } catch (error) {
      return isCancelled(error) ? [] : [this.#failure(node, error)];
    } finally {
      if (this.#asking.get(id) === asking) this.#asking.delete(id);
    }
  }

  #failure(of: ParentNode, error: unknown): RegistriesNode {
    const { failures } = this.#deps;
    failures.log(error);
    const canSignIn =
      isStrataError(error, 'registry-unauthorized') ||
      isStrataError(error, 'registry-forbidden') ||
      isStrataError(error, 'registry-rate-limited');
    return { kind: 'failure', of, sentence: failures.describe(error), canSignIn };
  }

  async #repositories(node: RegistryNode, signal: AbortSignal): Promise<RegistriesNode[]> {
    const [images, listed] = await Promise.all([this.#localNames(), this.#listed(node, signal)]);
    const pinned = pinnedRepositories(this.#deps.memory);
    const rows = repositoryNodes(node, listed.names, pinned, repositoriesOf(images));
    if (listed.failure !== undefined) return [listed.failure, ...this.#page(node, rows)];
    return rows.length === 0 ? [{ kind: 'hint', of: node }] : this.#page(node, rows);
  }

  /** What the registry lists; a registry that offers no list is no failure: many do not. */
  async #listed(
    node: RegistryNode,
    signal: AbortSignal,
  ): Promise<{ readonly names: readonly string[]; readonly failure?: RegistriesNode }> {
    try {
      const listed = await this.#deps.app.remoteRepositories(node.host, signal);
      return { names: repositoriesOf(listed.map((name) => canonicalIn(node.host, name))) };
    } catch (error) {
      if (isCancelled(error)) throw error;
      if (isStrataError(error, 'search-unsupported')) return { names: [] };
      return { names: [], failure: this.#failure(node, error) };
    }
  }

  async #tags(node: RepositoryNode, signal: AbortSignal): Promise<RegistriesNode[]> {
    const [tags, local] = await Promise.all([
      this.#deps.app.remoteTagList(node.name, signal),
      this.#localNames(),
    ]);
    const here = new Set(local);
    return this.#page(
      node,
      tags.map((tag): RemoteTagNode => ({
        kind: 'remoteTag',
        repository: node,
        tag,
        isHere: here.has(`${node.name}:${tag.name}`),
      })),
    );
  }

  #page(of: RegistryNode | RepositoryNode, rows: readonly RegistriesNode[]): RegistriesNode[] {
    const count = this.#shown.get(registriesNodeId(of)) ?? PAGE;
    const left = rows.length - count;
    return left > 0 ? [...rows.slice(0, count), { kind: 'more', of, left }] : [...rows];
  }

  /** Canonical names of the images here. The registries can be looked at though the store cannot be read. */
  async #localNames(): Promise<readonly string[]> {
    try {
      return (await this.#deps.app.list()).flatMap(({ tags }) => tags);
    } catch {
      return [];
    }
  }
}

/** Names as a registry lists them have no host, those of a search have one. */
function canonicalIn(host: string, name: string): string {
  return name.startsWith(`${host}/`) ? name : `${host}/${name}`;
}

function attestationNodes(node: ManifestNode): RegistriesNode[] {
  return node.attestations.map((manifest) => ({
    kind: 'manifest',
    tag: node.tag,
    manifest,
    attestations: [],
  }));
}

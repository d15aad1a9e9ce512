import * as vscode from 'vscode';
import type { App } from '../../app/index.ts';
import type { ImageSummary } from '../../images/types.ts';
import type { Failures } from '../failures.ts';
import type { Pulls } from '../pulls/pulls.ts';
import { imageChildren, isImagesNode, layerNodes, parentNode } from './imageNodes.ts';
import type { ImageNode, ImagesNode, PullNode } from './imageNodes.ts';
import {
  factItem,
  imageItem,
  imageTooltip,
  layerItem,
  layersItem,
  layerTooltip,
  tagItem,
} from './imageItems.ts';
import { pullItem, pullLayerItem } from './pullItems.ts';

export const IMAGES_VIEW = 'strata.images';

/** Changes that come in quick succession are drawn together, in milliseconds. */
const REFRESH_DELAY_MS = 150;

interface ImagesViewDeps {
  readonly app: App;
  readonly pulls: Pulls;
  readonly failures: Failures;
}

/** The Images view: pulls on top, then the images, newest first. */
export class ImagesView implements vscode.TreeDataProvider<ImagesNode>, vscode.Disposable {
  readonly #deps: ImagesViewDeps;
  readonly #changed = new vscode.EventEmitter<ImagesNode | undefined>();
  readonly #view: vscode.TreeView<ImagesNode>;
  readonly #subscriptions: { dispose(): void }[];
  /** A row is redrawn by its object: each pull keeps its own while it lives. */
  readonly #pullNodes = new Map<string, PullNode>();
  #timer: NodeJS.Timeout | undefined;
  /** The failure that was shown last, so that it is not shown at every refresh. */
  #shownFailure: string | undefined;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(deps: ImagesViewDeps) {
    this.#deps = deps;
    this.#view = vscode.window.createTreeView(IMAGES_VIEW, {
      treeDataProvider: this,
      showCollapseAll: true,
      canSelectMany: true,
    });
    this.#subscriptions = [
      this.#view,
      this.#changed,
      deps.app.onDidChange(() => this.#storeChanged()),
      deps.pulls.onDidChange((change) => {
        if (change.kind === 'list') this.#pullsChanged();
        else for (const id of change.ids) this.#redrawPull(id);
      }),
    ];
  }

  /** What is selected, for a key pressed in the view. */
  get selection(): readonly ImagesNode[] {
    return this.#view.selection;
  }

  /** Draws everything anew, soon. */
  refresh(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changed.fire(undefined);
    }, REFRESH_DELAY_MS);
  }

  getTreeItem(node: ImagesNode): vscode.TreeItem {
    switch (node.kind) {
      case 'pull': {
        const pull = this.#deps.pulls.get(node.pullId);
        // It may end between being listed and being drawn.
        return pull === undefined ? new vscode.TreeItem('') : pullItem(node, pull, this.#deps.failures);
      }
      case 'pullLayer':
        return pullLayerItem(node);
      case 'image':
        return imageItem(node);
      case 'tag':
        return tagItem(node);
      case 'fact':
        return factItem(node);
      case 'layers':
        return layersItem(node);
      case 'layer':
        return layerItem(node);
    }
  }

  resolveTreeItem(item: vscode.TreeItem, node: ImagesNode): vscode.TreeItem {
    if (node.kind === 'image' || node.kind === 'fact' || node.kind === 'layers') {
      item.tooltip = imageTooltip(node);
    } else if (node.kind === 'layer') {
      item.tooltip = layerTooltip(node);
    }
    return item;
  }

  getParent(node: ImagesNode): ImagesNode | undefined {
    return parentNode(node);
  }

  async getChildren(node?: ImagesNode): Promise<ImagesNode[]> {
    switch (node?.kind) {
      case undefined:
        return await this.#roots();
      case 'pull':
        return (this.#deps.pulls.get(node.pullId)?.layers ?? []).map((layer) => ({
          kind: 'pullLayer',
          pull: node,
          layer,
        }));
      case 'image':
        return [...imageChildren(node.image)];
      case 'layers':
        return [...layerNodes(node.image)];
      case 'pullLayer':
      case 'tag':
      case 'fact':
      case 'layer':
        return [];
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #pullsChanged(): void {
    const { running, failed } = this.#deps.pulls;
    const tooltip =
      running.length === 1
        ? vscode.l10n.t('1 image is being pulled')
        : vscode.l10n.t('{0} images are being pulled', running.length);
    this.#view.badge = running.length === 0 ? undefined : { value: running.length, tooltip };
    setContext('strata.isPulling', running.length > 0);
    setContext('strata.hasFailedPull', failed.length > 0);
    this.refresh();
  }

  #storeChanged(): void {
    void this.#deps.pulls.refreshForeign();
    this.refresh();
  }

  #redrawPull(id: string): void {
    const node = this.#pullNodes.get(id);
    if (node !== undefined) this.#changed.fire(node);
  }

  async #roots(): Promise<ImagesNode[]> {
    const images = await this.#list();
    // The first use starts the watch: pulls that ran before it are asked for here.
    if (this.#pullNodes.size === 0) void this.#deps.pulls.refreshForeign();
    const pulls = this.#pulls();
    const empty = pulls.length === 0 && images?.length === 0;
    this.#view.description = images?.length ? `${images.length}` : '';
    setContext('strata.isEmpty', empty);
    return [...pulls, ...(images ?? []).map((image): ImageNode => ({ kind: 'image', image }))];
  }

  #pulls(): readonly PullNode[] {
    const ids = this.#deps.pulls.all.map(({ id }) => id);
    for (const id of this.#pullNodes.keys()) if (!ids.includes(id)) this.#pullNodes.delete(id);
    return ids.map((pullId) => {
      const node = this.#pullNodes.get(pullId) ?? { kind: 'pull', pullId };
      this.#pullNodes.set(pullId, node);
      return node;
    });
  }

  /** The images; undefined, with the reason above the rows, when the store cannot be read. */
  async #list(): Promise<readonly ImageSummary[] | undefined> {
    try {
      const images = await this.#deps.app.list();
      this.#shownFailure = undefined;
      this.#view.message = '';
      return images;
    } catch (error) {
      const sentence = this.#deps.failures.describe(error);
      this.#view.message = sentence;
      if (this.#shownFailure !== sentence) {
        this.#shownFailure = sentence;
        void this.#deps.failures.show(error, { retry: () => this.refresh() });
      }
      return undefined;
    }
  }
}

function setContext(key: string, value: boolean): void {
  void vscode.commands.executeCommand('setContext', key, value);
}

/** The rows among a command's arguments: the clicked one, and the selection if the click was inside it. */
export function nodesOf(args: readonly unknown[]): readonly ImagesNode[] {
  const [clicked, selected] = args;
  const rows = Array.isArray(selected) ? selected.filter(isImagesNode) : [];
  if (rows.length > 0) return rows;
  return isImagesNode(clicked) ? [clicked] : [];
}

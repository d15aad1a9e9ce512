import * as vscode from 'vscode';
import type { App } from '../../app/index.ts';
import type { ImageSummary } from '../../images/types.ts';
import type { Failures } from '../failures.ts';
import { arrange } from '../imagesView/arrange.ts';
import { Heading } from '../imagesView/heading.ts';
import { ImageList } from '../imagesView/imageList.ts';
import type { FilteredImages } from '../imagesView/imageList.ts';
import type { ViewOptions } from '../imagesView/options.ts';
import type { ImagesViewState } from '../imagesView/viewState.ts';
import { leavesOut } from '../imagesView/filter.ts';
import { OperationRows } from '../operations/operationRows.ts';
import type { Operations } from '../operations/operations.ts';
import type { Pulls } from '../pulls/pulls.ts';
import type { SwitchingApp } from '../switchingApp.ts';
import { ImagesDragAndDrop } from './dragAndDrop.ts';
import { imageChildren, isImagesNode, layerNodes, parentNode } from './imageNodes.ts';
import type { ImagesNode, PullNode } from './imageNodes.ts';
import { factItem, layerItem, layersItem, tagItem } from './imageItems.ts';
import { pullItem, pullLayerItem } from './pullItems.ts';
import { groupItem, imageItem } from './rowItems.ts';
import { imageTooltip, layerTooltip } from './tooltips.ts';

export const IMAGES_VIEW = 'strata.images';

/** Changes that come in quick succession are drawn together, in milliseconds. */
const REFRESH_DELAY_MS = 150;

interface ImagesViewDeps {
  readonly app: App & Pick<SwitchingApp, 'onDidOpen'>;
  readonly pulls: Pulls;
  readonly operations: Operations;
  readonly failures: Failures;
  readonly logger: vscode.LogOutputChannel;
  readonly state: ImagesViewState;
}

/** The Images view: what runs on top, then the images as the person arranged and filtered them. */
export class ImagesView implements vscode.TreeDataProvider<ImagesNode>, vscode.Disposable {
  readonly #deps: ImagesViewDeps;
  readonly #changed = new vscode.EventEmitter<ImagesNode | undefined>();
  readonly #view: vscode.TreeView<ImagesNode>;
  readonly #subscriptions: { dispose(): void }[];
  /** A row is redrawn by its object: each pull keeps its own while it lives. */
  readonly #pullNodes = new Map<string, PullNode>();
  readonly #operations: OperationRows;
  readonly #list: ImageList;
  readonly #heading: Heading;
  /** As the rows were drawn: read once, not for each row. */
  #options: ViewOptions;
  #timer: NodeJS.Timeout | undefined;
  /** VS Code is waiting for the rows: it would throw them away if it were told of a change now. */
  #isReading = false;
  #changedMeanwhile = false;
  /** The failure that was shown last, so that it is not shown at every refresh. */
  #shownFailure: string | undefined;

  readonly onDidChangeTreeData = this.#changed.event;

  constructor(deps: ImagesViewDeps) {
    this.#deps = deps;
    this.#view = vscode.window.createTreeView(IMAGES_VIEW, {
      treeDataProvider: this,
      showCollapseAll: true,
      canSelectMany: true,
      dragAndDropController: new ImagesDragAndDrop(),
    });
    this.#operations = new OperationRows(deps.operations);
    this.#list = new ImageList(deps.app);
    this.#heading = new Heading({
      view: this.#view,
      app: deps.app,
      logger: deps.logger,
      describe: (error) => deps.failures.describe(error),
    });
    this.#options = deps.state.options;
    this.#stateChanged();
    this.#subscriptions = [
      this.#view,
      this.#changed,
      this.#heading,
      deps.state.onDidChange(() => {
        this.#stateChanged();
        this.#redraw();
      }),
      this.#view.onDidChangeSelection(({ selection }) => this.#heading.select(imagesOf(selection))),
      deps.app.onDidChange(() => this.#storeChanged()),
      // What the store could not give may be there now.
      deps.app.onDidOpen(() => {
        if (this.#shownFailure !== undefined) this.refresh();
      }),
      this.#operations.onDidChange(
        () => this.#redraw(),
        (node) => this.#changed.fire(node),
      ),
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

  /** How the view is arranged and what it leaves out. */
  get state(): ImagesViewState {
    return this.#deps.state;
  }

  /** Reads the store and draws everything anew, soon. */
  refresh(): void {
    this.#list.forget();
    this.#redraw();
  }

  #redraw(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changedMeanwhile = this.#isReading;
      if (!this.#isReading) this.#changed.fire(undefined);
    }, REFRESH_DELAY_MS);
  }

  getTreeItem(node: ImagesNode): vscode.TreeItem {
    switch (node.kind) {
      case 'operation':
      case 'operationPart':
        return this.#operations.item(node);
      case 'pull': {
        const pull = this.#deps.pulls.get(node.pullId);
        // It may end between being listed and being drawn.
        return pull === undefined ? new vscode.TreeItem('') : pullItem(node, pull, this.#deps.failures);
      }
      case 'pullLayer':
        return pullLayerItem(node);
      case 'group':
        return groupItem(node);
      case 'image':
        return imageItem(node, this.#options, this.#deps.app.usersOf(node.image.id));
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
      item.tooltip = imageTooltip(node, this.#deps.app.usersOf(node.image.id));
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
      case 'operation':
        return [...this.#operations.children(node)];
      case 'pull':
        return (this.#deps.pulls.get(node.pullId)?.layers ?? []).map((layer) => ({
          kind: 'pullLayer',
          pull: node,
          layer,
        }));
      case 'group':
        return [...node.rows];
      case 'image':
        return [...imageChildren(node)];
      case 'layers':
        return [...layerNodes(node.row)];
      case 'operationPart':
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
    this.#redraw();
  }

  #storeChanged(): void {
    void this.#deps.pulls.refreshForeign();
    this.refresh();
  }

  #redrawPull(id: string): void {
    const node = this.#pullNodes.get(id);
    if (node !== undefined) this.#changed.fire(node);
  }

  #stateChanged(): void {
    const { filter } = this.#deps.state;
    this.#options = this.#deps.state.options;
    setContext('strata.images.isFiltered', leavesOut(filter));
    setContext('strata.images.dangling', filter.dangling);
    setContext('strata.images.showsIntermediate', filter.intermediate);
  }

  async #roots(): Promise<ImagesNode[]> {
    const { app, state } = this.#deps;
    const { filter } = state;
    this.#isReading = true;
    const images = await this.#read();
    this.#isReading = false;
    if (this.#changedMeanwhile) this.#redraw();
    // The first use starts the watch: pulls that ran before it are asked for here.
    if (this.#pullNodes.size === 0) void this.#deps.pulls.refreshForeign();
    const running = [...this.#operations.roots(), ...this.#pulls()];
    setContext('strata.isEmpty', running.length === 0 && images?.all.length === 0);
    if (images === undefined) return running;
    this.#heading.show(images, filter);
    setContext('strata.images.isFilteredOut', images.rows.length === 0 && images.all.length > 0);
    const { groupBy, sortBy } = this.#options;
    const isUsed = ({ id }: ImageSummary): boolean => app.usersOf(id).length > 0;
    return [...running, ...arrange(images.rows, { groupBy, sortBy, isUsed, now: new Date() })];
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
  async #read(): Promise<FilteredImages | undefined> {
    try {
      const images = await this.#list.read(this.#deps.state.filter);
      this.#shownFailure = undefined;
      return images;
    } catch (error) {
      const sentence = this.#deps.failures.describe(error);
      this.#heading.fail(sentence);
      if (this.#shownFailure !== sentence) {
        this.#shownFailure = sentence;
        void this.#deps.failures.show(error, { retry: () => this.refresh() });
      }
      return undefined;
    }
  }
}

/** The images that rows stand for, or are part of. */
function imagesOf(rows: readonly ImagesNode[]): readonly ImageSummary[] {
  return rows.flatMap((row) => {
    if (row.kind === 'group') return row.rows.map(({ image }) => image);
    return 'image' in row ? [row.image] : [];
  });
}

function setContext(key: string, value: boolean | string): void {
  void vscode.commands.executeCommand('setContext', key, value);
}

/** The rows among a command's arguments: the clicked one, and the selection if the click was inside it. */
export function nodesOf(args: readonly unknown[]): readonly ImagesNode[] {
  const [clicked, selected] = args;
  const rows = Array.isArray(selected) ? selected.filter(isImagesNode) : [];
  if (rows.length > 0) return rows;
  return isImagesNode(clicked) ? [clicked] : [];
}

import * as vscode from 'vscode';
import type { App } from '../../app/index.ts';
import type { Disposable } from '../../base/events.ts';
import type { Logger } from '../../base/logger.ts';
import { shortDigest } from '../../oci/digest.ts';
import { familiarString, parseReference, withDefaultTag } from '../../reference/index.ts';
import { parsePanelMemory } from '../../protocol/imagePanel.ts';
import type { PanelTab, PanelTarget } from '../../protocol/imagePanel.ts';
import type { ImageSummary } from '../../images/types.ts';
import { InspectDocuments } from './inspectDocument.ts';
import { PanelSession } from './panelSession.ts';

/** The type under which VS Code brings panels back: `onWebviewPanel:strata.image`. */
const VIEW_TYPE = 'strata.image';

export interface ImagePanelDeps {
  readonly app: App;
  readonly logger: Logger;
  /** Shows a failure of something that the person asked for. */
  readonly onFailure: (error: unknown) => void;
  /** A failure as one sentence in the person's language. */
  readonly describe: (error: unknown) => string;
  /** What the Pull command does once it has a name. Ends with the pull. */
  readonly pull: (name: string) => Promise<void>;
}

export interface ImagePanels extends Disposable {
  /** Opens the image's panel, or reveals it. @throws StrataError `image-not-found`, `id-ambiguous` */
  open(imageIdOrName: string, options?: OpenOptions): Promise<void>;
}

export interface OpenOptions {
  /** Absent: where the panel was. */
  readonly tab?: PanelTab | undefined;
  /** Leaves the focus where it is: a click in the tree must not take the keyboard away from it. */
  readonly preserveFocus?: boolean;
}

export function registerImagePanels(context: vscode.ExtensionContext, deps: ImagePanelDeps): ImagePanels {
  return new Panels(context.extensionUri, deps);
}

class Panels implements ImagePanels, vscode.WebviewPanelSerializer {
  readonly #extensionUri: vscode.Uri;
  readonly #deps: ImagePanelDeps;
  readonly #documents: InspectDocuments;
  readonly #sessions = new Set<PanelSession>();
  readonly #subscriptions: { dispose(): void }[];

  constructor(extensionUri: vscode.Uri, deps: ImagePanelDeps) {
    this.#extensionUri = extensionUri;
    this.#deps = deps;
    this.#documents = new InspectDocuments(deps.app);
    this.#subscriptions = [
      this.#documents,
      vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, this),
      deps.app.onDidChange(() => this.#refresh()),
    ];
  }

  async open(imageIdOrName: string, { tab, preserveFocus = false }: OpenOptions = {}): Promise<void> {
    const image = await this.#deps.app.find(imageIdOrName);
    const target = targetOf(image, imageIdOrName);
    const open = this.#sessionOf(target.imageId);
    if (open !== undefined) {
      open.reveal({ tab, preserveFocus });
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      VIEW_TYPE,
      titleOf(target),
      { viewColumn: vscode.ViewColumn.Active, preserveFocus },
      // Ctrl+F finds within the page, as in a document.
      { enableFindWidget: true },
    );
    this.#adopt(panel, target, tab);
  }

  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const memory = parsePanelMemory(state);
    if (memory === undefined || this.#sessionOf(memory.imageId) !== undefined) {
      panel.dispose();
    } else {
      const { tab, ...target } = memory;
      this.#adopt(panel, target, tab);
    }
    return Promise.resolve();
  }

  dispose(): void {
    for (const session of this.#sessions) session.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #adopt(panel: vscode.WebviewPanel, target: PanelTarget, tab: PanelTab | undefined): void {
    const session = new PanelSession(panel, target, tab, {
      ...this.#deps,
      extensionUri: this.#extensionUri,
      titleOf,
      openDocument: (shown) => this.#documents.open(shown.imageId, titleOf(shown)),
      retarget: async (from, name) => {
        const next = targetOf(await this.#deps.app.find(name), name);
        const other = this.#sessionOf(next.imageId);
        if (other === undefined || other === from) return next;
        other.reveal();
        from.dispose();
        return undefined;
      },
    });
    this.#sessions.add(session);
    panel.onDidDispose(() => this.#sessions.delete(session));
  }

  #sessionOf(imageId: string): PanelSession | undefined {
    return [...this.#sessions].find((session) => session.target.imageId === imageId);
  }

  #refresh(): void {
    for (const session of this.#sessions) session.refresh();
  }
}

/** The image, and the name by which to speak of it: the one that was asked for, else its first. */
function targetOf(image: ImageSummary, asked: string): PanelTarget {
  const names = image.tags.map(familiar);
  const wanted = familiar(asked);
  const name = names.includes(wanted) ? wanted : names[0];
  return { imageId: image.id, ...(name === undefined ? {} : { name }) };
}

/** As Docker prints it; an ID or a prefix of one comes back as it is or as a name that no image has. */
function familiar(name: string): string {
  try {
    return familiarString(withDefaultTag(parseReference(name)));
  } catch {
    return name;
  }
}

function titleOf(target: PanelTarget): string {
  return target.name ?? shortDigest(target.imageId);
}

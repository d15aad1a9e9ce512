import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { isCancelled, isStrataError } from '../../base/errors.ts';
import { MAX_CLIPBOARD_CHARS } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import type { ResponseMessage } from '../../protocol/envelope.ts';
import { panelChecks } from '../../protocol/imagePanel.ts';
import type {
  PanelEvent,
  PanelRequests,
  PanelState,
  PanelTab,
  PanelTarget,
} from '../../protocol/imagePanel.ts';
import { renderPage } from './html.ts';
import { loadState } from './loadState.ts';
import type { LoadDeps } from './loadState.ts';
import { createMessageHandler } from './messageHandler.ts';
import type { Handlers } from './messageHandler.ts';
import { panelStrings } from './strings.ts';

/** Changes that come in quick succession, as during a pull, are answered together (milliseconds). */
const REFRESH_DELAY_MS = 200;

export interface SessionDeps extends LoadDeps {
  readonly logger: Logger;
  readonly extensionUri: vscode.Uri;
  readonly onFailure: (error: unknown) => void;
  readonly pull: (name: string) => Promise<void>;
  readonly titleOf: (target: PanelTarget) => string;
  readonly openDocument: (target: PanelTarget) => Promise<void>;
  /** The image that has this name now; undefined when another panel shows it and this one is done. */
  readonly retarget: (session: PanelSession, name: string) => Promise<PanelTarget | undefined>;
}

/** One open panel: its page, the answers to it, and its state kept fresh. */
export class PanelSession {
  readonly #panel: vscode.WebviewPanel;
  readonly #deps: SessionDeps;
  readonly #closed = new AbortController();
  #target: PanelTarget;
  /** Asked for before the page was there to be told. */
  #tab: PanelTab | undefined;
  #pull: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The state that the page has, as JSON: the same is not sent twice. */
  #sent = '';

  constructor(panel: vscode.WebviewPanel, target: PanelTarget, tab: PanelTab | undefined, deps: SessionDeps) {
    this.#panel = panel;
    this.#deps = deps;
    this.#target = target;
    this.#tab = tab;
    const resources = vscode.Uri.joinPath(deps.extensionUri, 'dist');
    const media = vscode.Uri.joinPath(deps.extensionUri, 'media');
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [resources] };
    panel.iconPath = {
      light: vscode.Uri.joinPath(media, 'panel-image-light.svg'),
      dark: vscode.Uri.joinPath(media, 'panel-image-dark.svg'),
    };
    panel.title = deps.titleOf(target);
    const handle = createMessageHandler<PanelRequests>({
      checks: panelChecks(MAX_CLIPBOARD_CHARS),
      handlers: this.#handlers(),
      post: (message) => this.#post(message),
      describe: deps.describe,
      logger: deps.logger,
      closed: this.#closed.signal,
    });
    webview.onDidReceiveMessage((message: unknown) => void handle(message));
    panel.onDidDispose(() => this.#close());
    webview.html = renderPage({
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('base64url'),
      scriptUri: webview.asWebviewUri(vscode.Uri.joinPath(resources, 'webview.js')).toString(),
      styleUri: webview.asWebviewUri(vscode.Uri.joinPath(resources, 'webview.css')).toString(),
      language: vscode.env.language,
      title: panel.title,
      strings: panelStrings(),
    });
  }

  get target(): PanelTarget {
    return this.#target;
  }

  reveal({
    tab,
    preserveFocus,
  }: { readonly tab?: PanelTab | undefined; readonly preserveFocus?: boolean } = {}): void {
    if (tab !== undefined) {
      // A hidden page is not there to hear; it learns the tab when it starts again.
      if (this.#panel.visible) this.#post({ type: 'event', name: 'tab', value: tab });
      else this.#tab = tab;
    }
    this.#panel.reveal(undefined, preserveFocus);
  }

  /** Something changed in the store. A hidden page asks for itself when it is shown. */
  refresh(): void {
    if (!this.#panel.visible || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#sendState();
    }, REFRESH_DELAY_MS);
  }

  dispose(): void {
    this.#panel.dispose();
  }

  #handlers(): Handlers<PanelRequests> {
    return {
      start: async () => {
        const tab = this.#tab;
        this.#tab = undefined;
        const state = await this.#load();
        return {
          state,
          ...(tab === undefined ? {} : { tab }),
        };
      },
      reload: () => this.#load(),
      copy: ({ text }) => this.#shown(vscode.env.clipboard.writeText(text)),
      openDocument: () => this.#shown(this.#deps.openDocument(this.#target)),
      pullAgain: async () => {
        await this.#pullAgain();
        return null;
      },
      showNamed: () => this.#shown(this.#showNamed()),
    };
  }

  /** Something that the person asked for: its failure is shown as any command's is. */
  async #shown(done: Thenable<void>): Promise<null> {
    try {
      await done;
      return null;
    } catch (error) {
      this.#deps.onFailure(error);
      throw error;
    }
  }

  async #pullAgain(): Promise<void> {
    const { name } = this.#target;
    if (name === undefined) return;
    this.#pull ??= this.#deps.pull(name).finally(() => {
      this.#pull = undefined;
    });
    const done = this.#pull;
    void this.#sendState();
    try {
      await done;
      if (!this.#closed.signal.aborted) await this.#showNamed();
    } catch (error) {
      // A pull that showed its own failure leaves no image behind: that is no second failure.
      if (!isCancelled(error) && !isStrataError(error, 'image-not-found')) this.#deps.onFailure(error);
      if (!this.#closed.signal.aborted) await this.#sendState();
    }
  }

  async #showNamed(): Promise<void> {
    const { name } = this.#target;
    if (name === undefined) return;
    const next = await this.#deps.retarget(this, name);
    if (next === undefined) return;
    this.#target = next;
    this.#panel.title = this.#deps.titleOf(next);
    await this.#sendState();
  }

  async #load(): Promise<PanelState> {
    const state = await loadState(this.#deps, this.#target, this.#pull !== undefined);
    this.#sent = JSON.stringify(state);
    return state;
  }

  async #sendState(): Promise<void> {
    const before = this.#sent;
    const value = await this.#load();
    if (this.#sent !== before) this.#post({ type: 'event', name: 'state', value });
  }

  #post(message: ResponseMessage | PanelEvent): void {
    if (!this.#closed.signal.aborted) void this.#panel.webview.postMessage(message);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#closed.abort();
  }
}

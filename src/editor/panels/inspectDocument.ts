import * as vscode from 'vscode';
import type { App } from '../../app/index.ts';
import { inspectText } from './imageView.ts';

const SCHEME = 'strata-inspect';

/** Read-only JSON documents of images: `strata-inspect:/alpine:latest.json?sha256:…`, fresh after each change. */
export class InspectDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #app: App;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #subscriptions: { dispose(): void }[];

  constructor(app: App) {
    this.#app = app;
    this.#subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      app.onDidChange(() => this.#refresh()),
      this.#changed,
    ];
  }

  get onDidChange(): vscode.Event<vscode.Uri> {
    return this.#changed.event;
  }

  /** @throws StrataError `image-not-found`, which the editor shows in the document's place. */
  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    return `${inspectText(await this.#app.inspect(uri.query))}\n`;
  }

  /** @param title what the tab is called, without `.json`. */
  async open(imageId: string, title: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}.json`, query: imageId });
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #refresh(): void {
    for (const document of vscode.workspace.textDocuments) {
      if (document.uri.scheme === SCHEME) this.#changed.fire(document.uri);
    }
  }
}

import type * as vscode from 'vscode';
import type { SwitchingApp } from './switchingApp.ts';
import type { Failures } from './failures.ts';
import type { Operations } from './operations/operations.ts';
import type { ImagePanels } from './panels/imagePanel.ts';
import type { Pulls } from './pulls/pulls.ts';
import type { RegistriesView } from './registries/registriesView.ts';
import type { SecretCredentials } from './secrets.ts';
import type { ImagesView } from './trees/imagesView.ts';

/** What commands work with. Made once, by extension.ts. */
export interface Services {
  readonly app: SwitchingApp;
  readonly pulls: Pulls;
  readonly operations: Operations;
  readonly images: ImagesView;
  readonly registries: RegistriesView;
  readonly panels: ImagePanels;
  readonly secrets: SecretCredentials;
  readonly failures: Failures;
  readonly logger: vscode.LogOutputChannel;
  /** Remembered for all workspaces of this machine. */
  readonly memory: vscode.Memento;
}

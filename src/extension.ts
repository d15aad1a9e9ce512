import { homedir } from 'node:os';
import * as vscode from 'vscode';
import { createApp } from './app/index.ts';
import { registerCommands } from './editor/commands/index.ts';
import { createCredentials } from './editor/credentials.ts';
import { Failures } from './editor/failures.ts';
import { registerImagePanels } from './editor/panels/imagePanel.ts';
import { ImagesViewState } from './editor/imagesView/viewState.ts';
import { registerOperationIndicator } from './editor/operations/operationIndicator.ts';
import { Operations } from './editor/operations/operations.ts';
import { showPullEnd } from './editor/pullEnd.ts';
import { registerPullIndicator } from './editor/pullIndicator.ts';
import { Pulls } from './editor/pulls/pulls.ts';
import { RegistriesView } from './editor/registries/registriesView.ts';
import { SecretCredentials } from './editor/secrets.ts';
import { readConfiguration } from './editor/settings.ts';
import { StoreSwitch } from './editor/storeSwitch.ts';
import { SwitchingApp } from './editor/switchingApp.ts';
import { registerTerminals } from './editor/terminals.ts';
import { registerEmptyView } from './editor/trees/emptyView.ts';
import { ImagesView } from './editor/trees/imagesView.ts';

let app: SwitchingApp | undefined;

/** Registers everything. Opens no store and loads no HTTP client: that waits for the first use. */
export function activate(context: vscode.ExtensionContext): void {
  const started = performance.now();
  const logger = vscode.window.createOutputChannel('Strata', { log: true });
  const failures = new Failures(logger);
  const secrets = new SecretCredentials(context.secrets);
  const { version } = context.extension.packageJSON as { version: string };
  const running = new SwitchingApp(() =>
    createApp({
      configuration: readConfiguration,
      credentials: createCredentials(secrets, logger, homedir()),
      logger,
      workerPath: context.asAbsolutePath('dist/worker.js'),
      background: true,
      userAgent: `strata/${version} (vscode ${vscode.version})`,
    }),
  );
  app = running;
  const pulls: Pulls = new Pulls({
    app: running,
    logger,
    onEnd: (outcome) => void showPullEnd(outcome, pulls, failures),
  });
  const operations = new Operations();
  const state = new ImagesViewState(context.workspaceState);
  const images = new ImagesView({ app: running, pulls, operations, failures, logger, state });
  const panels = registerImagePanels(context, {
    app: running,
    logger,
    onFailure: (error) => void failures.show(error),
    describe: (error) => failures.describe(error),
    pull: async (name) => {
      await pulls.start({ name });
    },
  });
  const memory = context.globalState;
  const registries = new RegistriesView({ app: running, failures, secrets, memory });
  context.subscriptions.push(
    logger,
    pulls,
    operations,
    state,
    images,
    panels,
    registries,
    registerCommands({
      app: running,
      pulls,
      operations,
      images,
      registries,
      panels,
      secrets,
      failures,
      logger,
      memory,
    }),
    registerPullIndicator(pulls),
    registerOperationIndicator(operations),
    registerTerminals(context, failures),
    registerEmptyView('strata.containers'),
    new StoreSwitch({ app: running, failures, memory }),
  );
  logger.info(`Strata ${version} was activated in ${(performance.now() - started).toFixed(1)} ms`);
}

/** Stops the pulls of this window; what they fetched is kept. */
export async function deactivate(): Promise<void> {
  await app?.close();
}

import * as vscode from 'vscode';

const WALKTHROUGH = 'strata-images.strata#strata.getStarted';

export async function openWalkthrough(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH, false);
}

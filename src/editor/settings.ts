import * as vscode from 'vscode';
import { configurationToEnvironment, loadConfiguration } from '../store/index.ts';
import type { Configuration } from '../store/index.ts';
import { settingsValues } from './settingsValues.ts';

/** The configuration that holds in this window: settings over environment over the configuration file. */
export async function readConfiguration(): Promise<Configuration> {
  return await loadConfiguration({ env: process.env, settings: settingsValues(explicit) });
}

/** What terminals of this window must be told, because only the settings say it. */
export async function settingsEnvironment(): Promise<Record<string, string>> {
  const settings = settingsValues(explicit);
  const keys = Object.keys(settings);
  if (keys.length === 0) return {};
  const configuration = await loadConfiguration({ env: {}, settings });
  return configurationToEnvironment(
    Object.fromEntries(Object.entries(configuration).filter(([key]) => keys.includes(key))),
  );
}

/** `strata.pull.platform`: empty for this machine's own, `ask`, or a platform such as `linux/arm64`. */
export function platformSetting(): string {
  const value: unknown = vscode.workspace.getConfiguration('strata').get('pull.platform');
  return typeof value === 'string' ? value.trim() : '';
}

/** The value unless it is only the default. Goes by `get`, which leaves out what an untrusted workspace may not set. */
function explicit(section: string): unknown {
  const configuration = vscode.workspace.getConfiguration();
  const found = configuration.inspect(section);
  const isSet =
    found?.globalValue !== undefined ||
    found?.workspaceValue !== undefined ||
    found?.workspaceFolderValue !== undefined;
  return isSet ? configuration.get(section) : undefined;
}

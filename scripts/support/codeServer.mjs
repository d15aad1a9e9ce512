import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { needsInstall, nodeEnvironment, npm, root } from './node24.mjs';
import { freePort, untilAnswers } from './ports.mjs';
import { runOrThrow, startProcess } from './processes.mjs';
import { editorParts, ensureSystemParts } from './systemParts.mjs';

const folder = join(root, 'test/e2e/server');
const entry = join(folder, 'node_modules/code-server/out/node/entry.js');
const START_LIMIT_MS = 60_000;

/** A VS Code that calls nobody and starts with nothing in the way. */
const SETTINGS = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.reduceMotion': 'on',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** Beside English. */
const LANGUAGES = { 'zh-cn': '中文(简体)' };

/**
 * Writes user settings: SETTINGS, workspace trust, and more on top.
 * @param {string} userData the --user-data-dir of VS Code or code-server
 * @param {{ trustAsks?: boolean, settings?: Record<string, unknown> }} [options]
 */
export async function writeUserSettings(userData, { trustAsks = false, settings = {} } = {}) {
  const all = { ...SETTINGS, 'security.workspace.trust.enabled': trustAsks, ...settings };
  await mkdir(join(userData, 'User'), { recursive: true });
  await writeFile(join(userData, 'User/settings.json'), JSON.stringify(all, undefined, 2));
}

/**
 * Lets code-server speak LANGUAGES to a browser that asks for one (the cookie vscode.nls.locale, else
 * Accept-Language), for which it wants a language pack; its marketplace may be out of reach. So this writes what
 * installing a pack leaves behind, with no translation in it: VS Code itself stays English, and extensions see the
 * language and take their own translations.
 * @param {string} userData
 */
async function writeLanguagePacks(userData) {
  const translations = join(userData, 'no-translations.json');
  await writeFile(translations, JSON.stringify({ version: '1.0.0', contents: {} }));
  const pack = (/** @type {string} */ label) => ({
    hash: 'none',
    extensions: [{ extensionIdentifier: { id: 'strata-test.no-translations' }, version: '1.0.0' }],
    translations: { vscode: translations },
    label,
  });
  const packs = Object.fromEntries(Object.entries(LANGUAGES).map(([id, label]) => [id, pack(label)]));
  await writeFile(join(userData, 'languagepacks.json'), JSON.stringify(packs));
  // Without this file code-server answers every browser in English.
  await writeFile(join(userData, 'User/argv.json'), '{}\n');
}

/** Whether installCodeServer has work of minutes to do. */
export const needsCodeServer = () => !existsSync(entry) || needsInstall(folder);

/** Installs code-server (850 MB, two minutes) with what its build needs. Needs Node 24 as this process. */
export async function installCodeServer() {
  if (!needsCodeServer()) return;
  await ensureSystemParts(editorParts);
  await npm(folder, ['ci', '--no-audit', '--no-fund']);
}

/**
 * Starts a code-server on 127.0.0.1 with a packaged extension in it, and waits until it answers.
 * @param {object} options
 * @param {string} options.home holds user data and extensions: user/, extensions/, config.yaml
 * @param {readonly string[]} options.extensions VSIX files
 * @param {number} [options.port] wanted; the next free one is taken. Any by default
 * @param {boolean} [options.trustAsks] leave workspace trust on
 * @param {Record<string, unknown>} [options.settings] more user settings
 * @param {NodeJS.ProcessEnv} [options.env] on top of this process's environment
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>}
 */
export async function startCodeServer(options) {
  const { home, extensions, trustAsks = false, settings } = options;
  const userData = join(home, 'user');
  await writeUserSettings(userData, { trustAsks, ...(settings && { settings }) });
  await writeLanguagePacks(userData);
  const config = join(home, 'config.yaml');
  await writeFile(config, 'auth: none\n');
  const env = { ...nodeEnvironment(), ...options.env };
  const common = [
    ...[entry, '--config', config, '--user-data-dir', userData],
    ...['--extensions-dir', join(home, 'extensions')],
  ];
  for (const vsix of extensions) {
    await runOrThrow(process.execPath, [...common, '--install-extension', vsix, '--force'], { env });
  }
  const port = await freePort(options.port ?? 0);
  const server = startProcess(
    process.execPath,
    [
      ...[...common, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`],
      ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
      ...(trustAsks ? [] : ['--disable-workspace-trust']),
    ],
    { env },
  );
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilAnswers(`${url}/healthz`, server, START_LIMIT_MS);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url, stop: server.stop };
}

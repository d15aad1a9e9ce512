// `npm start`: a VS Code with Strata in it, and a registry with images to pull. Ctrl-C ends both.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { installCodeServer, needsCodeServer, startCodeServer } from './support/codeServer.mjs';
import { startDemoRegistry } from './support/demoRegistry.mjs';
import { findCode, openBrowser, openCode } from './support/desktop.mjs';
import { continueUnderNode24, needsInstall, npm, root } from './support/node24.mjs';
import { onEndWanted, stopAll } from './support/processes.mjs';
import { ensureVsix } from './support/vsix.mjs';

const USAGE = 'usage: npm start -- [--port 8100] [--no-open]';
const VSCODE_PORT = '8100';
const REGISTRY_PORT = 5005;
const home = join(root, '.cache/start');
const workspace = join(home, 'workspace');
const store = join(home, 'store');

const say = (/** @type {string} */ line) => console.log(line);

function readFlags() {
  try {
    const options = /** @type {const} */ ({
      port: { type: 'string', default: VSCODE_PORT },
      'no-open': { type: 'boolean', default: false },
    });
    const { values } = parseArgs({ options });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`no port: ${values.port}`);
    return { port, open: !values['no-open'] };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(1);
  }
}

const { port, open } = readFlags();

/** What to undo at the end, last first. @type {(() => Promise<void>)[]} */
const undo = [];
let ending = false;

/** @param {number} code of this process */
async function end(code) {
  if (ending) return;
  ending = true;
  for (const step of undo.reverse()) await step();
  // What was under way: an install, a build.
  await stopAll();
  process.exit(code);
}

async function start() {
  if (needsInstall(root)) {
    say('Installing npm packages …');
    await npm(root, ['ci', '--no-audit', '--no-fund']);
  }
  await continueUnderNode24();

  say('Building the extension …');
  const vsix = await ensureVsix();

  say('Starting the demo registry …');
  const registry = await startDemoRegistry(REGISTRY_PORT, join(home, 'registry'));
  undo.push(registry.stop);
  const { host } = new URL(registry.url);
  const hints = whatToTry(host);
  await mkdir(workspace, { recursive: true });
  await writeFile(join(workspace, 'README.md'), `# Strata\n\n${hints.map((hint) => `- ${hint}\n`).join('')}`);
  // The demo keeps its images, settings and windows apart from those of the person who tries it.
  const env = { STRATA_ROOT: store };

  const code = findCode();
  if (code && open) {
    say(`Opening VS Code (${code}) …`);
    const window = await openCode({ code, home, vsix, workspace, env });
    undo.push(window.stop);
    void window.closed.then(() => end(0));
    say(`VS Code is open on ${relative(process.cwd(), workspace) || workspace}`);
  } else {
    if (needsCodeServer()) say('Installing code-server, a VS Code for the browser: 850 MB, some minutes …');
    await installCodeServer();
    say('Starting VS Code …');
    const server = await startCodeServer({ home, extensions: [vsix], port, env });
    undo.push(server.stop);
    const address = `${server.url}/?folder=${encodeURIComponent(workspace)}`;
    if (open) openBrowser(address);
    say(`VS Code: ${address}`);
  }
  say(`Registry: ${host}   Store: ${store}\nWhat to try:`);
  for (const hint of hints) say(`  ${hint}`);
  say('Ctrl-C ends it.');
}

/** @param {string} host of the demo registry */
function whatToTry(host) {
  return [
    `F1, "Strata: Pull Image…", ${host}/demo/web:1.1 (also demo/hello, demo/tools, demo/big)`,
    'The Strata icon at the left: unfold the image, click it for its panel, right-click it to delete it',
    `In VS Code's terminal: strata pull ${host}/demo/hello && strata images`,
  ];
}

onEndWanted(() => void end(0));
try {
  await start();
} catch (error) {
  // What breaks because it is being ended is no news.
  if (!ending) console.error(error instanceof Error ? error.message : error);
  await end(1);
}

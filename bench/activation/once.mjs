// One activation in a fresh process; prints the milliseconds, and our own files that were loaded by then, as JSON.
// NODE_PATH must name ./modules, where require('vscode') finds the stand-in.
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { anything } from './modules/vscode/index.mjs';

const main = process.argv[2] ?? '';
const require = createRequire(main);
const root = dirname(dirname(main));
/** @type {Record<string | symbol, unknown>} */
const known = {
  subscriptions: [],
  extension: { packageJSON: require(join(root, 'package.json')), extensionPath: root },
  extensionPath: root,
  asAbsolutePath: (/** @type {string} */ path) => join(root, path),
  globalState: {
    get: (/** @type {string} */ _key, /** @type {unknown} */ otherwise) => otherwise,
    update: () => Promise.resolve(),
    setKeysForSync: () => undefined,
  },
};
const context = new Proxy(known, { get: (target, key) => target[key] ?? anything() });
require('vscode');

const before = performance.now();
const { activate } = require(main);
const required = performance.now();
await activate(context);
const activated = performance.now();

const loaded = Object.keys(require.cache).filter((path) => dirname(path) === dirname(main));
const result = {
  require: required - before,
  activate: activated - required,
  loaded: loaded.map((path) => basename(path)),
};
process.stdout.write(JSON.stringify(result), () => process.exit(0));

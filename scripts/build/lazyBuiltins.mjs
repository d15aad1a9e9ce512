// Modules of Node that the command line needs for some of what it does: each is loaded when one of its exports is
// first asked for. Most commands need few of them, and loading all takes longer than listing 1,000 images.
const NAMES = [
  'node:assert',
  'node:child_process',
  'node:crypto',
  'node:http',
  'node:net',
  'node:readline',
  'node:stream/promises',
  'node:timers/promises',
  'node:tls',
  'node:worker_threads',
  'node:zlib',
];

/** Stands before a CommonJS bundle: its `require` hands out what loads these later. */
export const lazyBuiltins = `"use strict";
{
  const load = require;
  // Some modules are functions (node:assert).
  const later = (name) => new Proxy(() => undefined, {
    apply: (_, self, args) => Reflect.apply(load(name), self, args),
    get: (_, key) => load(name)[key],
    has: (_, key) => key in load(name),
    ownKeys: () => Reflect.ownKeys(load(name)),
    getOwnPropertyDescriptor: (_, key) => ({ value: load(name)[key], enumerable: true, configurable: true }),
  });
  const names = new Map(${JSON.stringify(NAMES)}.map((name) => [name, later(name)]));
  require = (name) => names.get(name) ?? load(name);
}`;

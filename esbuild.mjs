// Writes dist/: `node esbuild.mjs [--production] [--watch]`.
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import esbuild from 'esbuild';
import { lazyBuiltins } from './scripts/build/lazyBuiltins.mjs';
import { copyNativeLock, nativeLockPlugin } from './scripts/build/nativeLock.mjs';
import { thirdPartyNotices } from './scripts/build/notices.mjs';

const root = import.meta.dirname;
const dist = join(root, 'dist');
const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  // The licences go into one file of notices, see thirdPartyNotices.
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
};

/**
 * undici is a quarter of a megabyte that three bundles need and activation does not: it lies in a file of its own,
 * read by whoever uses it first. Inside the extension's bundle, parsing it would be half of what activation costs.
 * @type {esbuild.Plugin}
 */
const sharedUndici = {
  name: 'shared-undici',
  setup(build) {
    build.onResolve({ filter: /[\\/]undici\.ts$/ }, ({ kind }) =>
      kind === 'entry-point' ? undefined : { path: './undici.js', external: true },
    );
  },
};

/**
 * The command line is two files: Node caches the compiled code of what is loaded once the first has said where.
 * @type {esbuild.Plugin}
 */
const cliInTwo = {
  name: 'cli-in-two',
  setup(build) {
    build.onResolve({ filter: /^\.\/main\.ts$/ }, () => ({ path: './cliMain.js', external: true }));
  },
};

/**
 * A bundle for Node: CommonJS, because VS Code requires an extension's main file.
 * @param {string} entry @param {string} name
 * @returns {esbuild.BuildOptions}
 */
const forNode = (entry, name) => ({
  ...common,
  entryPoints: { [name]: entry },
  outdir: 'dist',
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  // import() of a file beside the bundle becomes require(), which keeps the names of a CommonJS module.
  supported: { 'dynamic-import': false },
  external: ['vscode'],
  plugins: [nativeLockPlugin, sharedUndici],
});

const bundles = [
  forNode('src/extension.ts', 'extension'),
  forNode('src/images/worker/worker.ts', 'worker'),
  forNode('src/transport/undici.ts', 'undici'),
  {
    ...forNode('src/cli/start.ts', 'cli'),
    banner: { js: '#!/usr/bin/env node' },
    plugins: [cliInTwo],
  },
  { ...forNode('src/cli/main.ts', 'cliMain'), banner: { js: lazyBuiltins } },
  /** @type {esbuild.BuildOptions} */ ({
    ...common,
    entryPoints: { webview: 'webview-ui/main.ts' },
    outdir: 'dist',
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
  }),
];

/** What lies in dist/ beside the bundles. */
async function writeCompanions() {
  await mkdir(join(dist, 'bin'), { recursive: true });
  // The repository's package.json says "type": "module"; the bundles are CommonJS.
  await writeFile(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
  await copyNativeLock(join(dist, 'native'));
  const launchers = join(root, 'src/cli/launchers');
  await copyFile(join(launchers, 'strata'), join(dist, 'bin/strata'));
  await chmod(join(dist, 'bin/strata'), 0o755);
  // cmd.exe loses its labels in files with bare line feeds.
  const batch = await readFile(join(launchers, 'strata.cmd'), 'utf8');
  await writeFile(join(dist, 'bin/strata.cmd'), batch.replaceAll(/\r?\n/g, '\r\n'));
}

if (watch) {
  await writeCompanions();
  for (const options of bundles) {
    await (await esbuild.context({ ...options, logLevel: 'info' })).watch();
  }
} else {
  await rm(dist, { recursive: true, force: true });
  await writeCompanions();
  const results = await Promise.all(bundles.map((options) => esbuild.build(options)));
  await chmod(join(dist, 'cli.js'), 0o755);
  if (production) {
    const inputs = results.flatMap((result) => Object.keys(result.metafile?.inputs ?? {}));
    await writeFile(join(dist, 'THIRD_PARTY_NOTICES.txt'), await thirdPartyNotices(root, inputs));
  }
  const warnings = results.reduce((sum, result) => sum + result.warnings.length, 0);
  if (warnings > 0) throw new Error(`esbuild gave ${warnings} warnings`);
}

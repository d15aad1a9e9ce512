import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The machines VS Code runs on, as `process.platform`-`process.arch`. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];
const ADDON = 'fs-native-extensions.node';

/**
 * Bundles the JavaScript of fs-native-extensions. Its binding looks for the addon relative to its own package,
 * which is gone from a bundle; here it is found beside the bundle, also in a worker thread.
 * @type {import('esbuild').Plugin}
 */
export const nativeLockPlugin = {
  name: 'native-lock',
  setup(build) {
    build.onLoad({ filter: /[\\/]fs-native-extensions[\\/]binding\.js$/ }, () => ({
      loader: 'js',
      contents: `
        const { join } = require('node:path');
        module.exports = require(join(__dirname, 'native', process.platform + '-' + process.arch, '${ADDON}'));
      `,
    }));
  },
};

/**
 * Copies the prebuilt addons of all PLATFORMS to `folder`; throws when the package lacks one.
 * @param {string} folder
 */
export async function copyNativeLock(folder) {
  const prebuilds = join(
    dirname(createRequire(import.meta.url).resolve('fs-native-extensions/package.json')),
    'prebuilds',
  );
  for (const platform of PLATFORMS) {
    await mkdir(join(folder, platform), { recursive: true });
    await copyFile(join(prebuilds, platform, ADDON), join(folder, platform, ADDON));
  }
}

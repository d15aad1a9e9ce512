/**
 * What the benchmark image is made of: one entry a layer, bottom first. Real trees only, since random bytes neither
 * compress nor unpack as software does. npm versions are pinned; Debian's are those of bookworm on the day it is made.
 */
export type LayerRecipe =
  | { readonly name: string; readonly createdBy: string; readonly debootstrap: 'bookworm' }
  | { readonly name: string; readonly createdBy: string; readonly debian: readonly string[] }
  | {
      readonly name: string;
      readonly createdBy: string;
      readonly npm: Readonly<Record<string, string>>;
      readonly folder: string;
    };

export const RECIPE: readonly LayerRecipe[] = [
  { name: 'base', createdBy: '/bin/sh -c #(nop) ADD rootfs in /', debootstrap: 'bookworm' },
  {
    name: 'toolchain',
    createdBy: '/bin/sh -c apt-get install -y gcc g++ llvm git',
    debian: [
      'gcc-12',
      'cpp-12',
      'g++-12',
      'libstdc++-12-dev',
      'binutils-x86-64-linux-gnu',
      'llvm-14',
      'libllvm14',
      'git',
      'vim-runtime',
      'perl-modules-5.36',
      'libc6-dev',
      'linux-libc-dev',
      'libpython3.11-stdlib',
    ],
  },
  {
    name: 'desktop',
    createdBy: '/bin/sh -c apt-get install -y openjdk-17-jre-headless chromium',
    debian: ['openjdk-17-jre-headless', 'chromium', 'chromium-common'],
  },
  {
    name: 'frontend',
    createdBy: '/bin/sh -c npm ci --prefix /srv/frontend',
    folder: 'srv/frontend',
    npm: {
      next: '15.1.6',
      typescript: '5.7.3',
      '@angular/core': '19.1.4',
      '@angular/common': '19.1.4',
      '@angular/compiler': '19.1.4',
      '@angular/compiler-cli': '19.1.4',
      react: '19.0.0',
      'react-dom': '19.0.0',
    },
  },
  {
    name: 'backend',
    createdBy: '/bin/sh -c npm ci --prefix /srv/backend',
    folder: 'srv/backend',
    npm: {
      'monaco-editor': '0.52.2',
      three: '0.172.0',
      rxjs: '7.8.1',
      webpack: '5.97.1',
      '@babel/core': '7.26.7',
      '@babel/preset-env': '7.26.7',
      'core-js': '3.40.0',
      '@swc/core': '1.10.12',
      'onnxruntime-web': '1.20.1',
      'pdfjs-dist': '4.10.38',
    },
  },
];

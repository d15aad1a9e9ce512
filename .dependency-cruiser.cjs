// The table "who may import whom" of docs/architecture.md, held by a machine.
// Rooms of one row never import each other; a room imports only from rows above it in this list.
const rows = [
  ['base', 'protocol'],
  ['oci'],
  ['reference', 'transport', 'archive', 'template'],
  ['registry', 'store', 'layers'],
  ['images', 'containers', 'analysis'],
  ['app'],
  ['editor', 'cli'],
];

const roomRules = rows.flatMap((row, index) =>
  row.map((room) => {
    const above = rows.slice(0, index).flat();
    const allowed = [room, ...above].join('|');
    return {
      name: `${room}-imports-only-rows-above`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(${allowed})/` },
    };
  }),
);

/** @param {string} name @param {string} target @param {string} doors */
const oneDoor = (name, target, doors) => ({
  name: `${name}-has-one-door`,
  severity: 'error',
  from: { path: '^(src|webview-ui)/', pathNot: doors },
  to: { path: target },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-knows-no-tests',
      severity: 'error',
      from: { path: '^(src|webview-ui)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|bench|scripts)/|\\.test\\.ts$' },
    },
    {
      name: 'webview-imports-protocol-only',
      severity: 'error',
      from: { path: '^webview-ui/' },
      to: { path: '^src/', pathNot: '^src/protocol/' },
    },
    {
      name: 'protocol-is-plain',
      severity: 'error',
      from: { path: '^src/protocol/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev'] },
    },
    {
      name: 'extension-wires-only',
      severity: 'error',
      from: { path: '^src/extension\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(app|editor|base)/' },
    },
    oneDoor('vscode', '^vscode$', '^src/(editor/|extension\\.ts)'),
    oneDoor('undici', 'node_modules/undici/|^undici$', '^src/transport/'),
    oneDoor('tar-stream', 'node_modules/tar-stream/|^tar-stream$', '^src/archive/'),
    oneDoor('kernel-lock', 'fs-native-extensions', '^src/store/lock\\.ts$'),
    oneDoor('webview-toolkit', '@vscode/webview-ui-toolkit', '^webview-ui/toolkit\\.ts$'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)node_modules/(?!undici|tar-stream|fs-native|@vscode)' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};

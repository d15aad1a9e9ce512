import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Starts the running script again under the project's own Node if this one is too old to read TypeScript. */
export function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return;
  const node = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
  const { status, error } = spawnSync(node, process.argv.slice(1), { stdio: 'inherit' });
  if (error) throw new Error('Node 24 is missing: run npm install', { cause: error });
  process.exit(status ?? 1);
}

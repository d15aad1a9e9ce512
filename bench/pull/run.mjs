// strata pull against its floor, podman, docker and skopeo: node bench/pull/run.mjs [--runs 3] [--only NAME]…
import { ensureNode } from '../support/node24.mjs';

ensureNode();
const { main } = await import('./main.ts');
await main(process.argv.slice(2));

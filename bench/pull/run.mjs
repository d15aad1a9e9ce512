// strata pull against its floor, podman, docker and skopeo: node bench/pull/run.mjs [--runs 3] [--only NAME]…
import { continueUnderNode24 } from '../../scripts/support/node24.mjs';

await continueUnderNode24();
const { main } = await import('./main.ts');
await main(process.argv.slice(2));

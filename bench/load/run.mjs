// strata load against docker load and skopeo copy: node bench/load/run.mjs [--runs 3] [--only NAME]…
import { continueUnderNode24 } from '../../scripts/support/node24.mjs';

await continueUnderNode24();
const { main } = await import('../archives/main.ts');
await main('load', process.argv.slice(2));

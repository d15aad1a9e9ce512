// strata save against docker save and skopeo copy: node bench/save/run.mjs [--runs 3] [--only NAME]…
import { continueUnderNode24 } from '../../scripts/support/node24.mjs';

await continueUnderNode24();
const { main } = await import('../archives/main.ts');
await main('save', process.argv.slice(2));

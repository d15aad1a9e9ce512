// The Images view with 1,000 images of 20 tags each: its model in this process, and its first rows in a real VS Code.
// node bench/tree/run.mjs [--runs 5] [--images 1000] [--tags 20] [--model]
import { continueUnderNode24 } from '../../scripts/support/node24.mjs';

await continueUnderNode24();
const { main } = await import('./main.ts');
await main(process.argv.slice(2));

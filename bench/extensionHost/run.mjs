// The extension host's event loop during a pull, in a real VS Code: node bench/extensionHost/run.mjs [--runs 3] [--profile]
import { continueUnderNode24 } from '../../scripts/support/node24.mjs';

await continueUnderNode24();
const { main } = await import('./main.ts');
await main(process.argv.slice(2));

import { parseArgs } from 'node:util';
import { describeError } from '../../../src/base/errors.ts';
import { seedDemo } from '../demo/index.ts';
import { startRegistry } from './index.ts';

const USAGE = 'usage: node test/support/registry/main.ts [--port 5005] [--root FOLDER] [--seed-demo]';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '5005' },
      root: { type: 'string' },
      'seed-demo': { type: 'boolean', default: false },
    },
  });
  const registry = await startRegistry({
    port: Number(values.port),
    ...(values.root !== undefined && { root: values.root }),
  });
  const stop = (): void => void registry.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const names = values['seed-demo'] ? await seedDemo(registry.url) : [];
  const host = `localhost:${registry.port}`;
  for (const name of names) console.log(`${host}/${name}`);
  // Last, so that whoever waits for this line finds everything there.
  console.log(`Registry ready at http://${host}`);
}

try {
  await main();
} catch (error) {
  console.error(`${describeError(error)}\n${USAGE}`);
  process.exitCode = 1;
}

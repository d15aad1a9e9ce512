/** Starts the registry with the benchmark image in it, prints its address, and stops on SIGINT or SIGTERM. */
import { once } from 'node:events';
import { push, startRegistry } from '../support/registry.ts';
import { benchImage, describeImage } from './image.ts';

const image = await benchImage(console.log);
console.log(describeImage(image));
const registry = await startRegistry();
try {
  await push(registry.host, 'bench', 'latest', image);
  console.log(`${registry.host}/bench:latest`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
} finally {
  await registry.stop();
}

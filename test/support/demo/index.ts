import type { BuiltImage, BuiltIndex } from '../images.ts';
import { pushImage } from '../pushImage.ts';
import { buildBig } from './big.ts';
import { buildHello } from './hello.ts';
import { buildTools } from './tools.ts';
import { buildWeb } from './web.ts';

export interface DemoImage {
  /** Without host and tag: `demo/web`. */
  readonly repository: string;
  readonly tags: readonly string[];
  readonly image: BuiltImage | BuiltIndex;
}

/** What the demo registry holds. The same bytes, and so the same digests, on every run. */
export function buildDemo(): DemoImage[] {
  return [
    { repository: 'demo/hello', tags: ['latest'], image: buildHello() },
    { repository: 'demo/web', tags: ['1.0'], image: buildWeb('1.0') },
    { repository: 'demo/web', tags: ['1.1', 'latest'], image: buildWeb('1.1') },
    { repository: 'demo/tools', tags: ['latest'], image: buildTools() },
    { repository: 'demo/big', tags: ['latest'], image: buildBig() },
  ];
}

/** Builds and pushes the demo. @returns the names, `demo/web:1.0`, in the order in which they were pushed. */
export async function seedDemo(registryUrl: string): Promise<string[]> {
  const names: string[] = [];
  for (const { repository, tags, image } of buildDemo()) {
    for (const tag of tags) {
      await pushImage(registryUrl, repository, tag, image);
      names.push(`${repository}:${tag}`);
    }
  }
  return names;
}

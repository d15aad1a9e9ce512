import { buildImage } from '../images.ts';
import type { BuiltImage } from '../images.ts';
import { aged, DEMO_AUTHOR } from './base.ts';
import { printingProgram } from './program.ts';

const TEXT = 'Hello from an image without a daemon.\n';

/** The smallest thing that one can pull, look into and run: a program and a text. */
export function buildHello(): BuiltImage {
  return buildImage({
    author: DEMO_AUTHOR,
    created: '2024-03-01T09:00:00Z',
    layers: [
      {
        createdBy: 'COPY hello hello.txt hello.sh / # buildkit',
        comment: 'buildkit.dockerfile.v0',
        entries: aged([
          { path: 'hello', content: printingProgram('amd64', TEXT), mode: 0o755 },
          { path: 'hello.sh', content: '#!/bin/sh\nexec cat "$(dirname "$0")/hello.txt"\n', mode: 0o755 },
          { path: 'hello.txt', content: TEXT },
        ]),
      },
      { empty: true, createdBy: 'CMD ["/hello"]', comment: 'buildkit.dockerfile.v0' },
    ],
    config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], Cmd: ['/hello'], WorkingDir: '/' },
  });
}

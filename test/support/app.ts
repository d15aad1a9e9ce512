import { join } from 'node:path';
import { createApp } from '../../src/app/index.ts';
import type { App } from '../../src/app/index.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Logger } from '../../src/base/logger.ts';
import { dockerConfigSource } from '../../src/registry/index.ts';
import type { Configuration } from '../../src/store/index.ts';

export interface TestAppOptions {
  /** The store's folder. */
  readonly root: string;
  readonly configuration?: Partial<Configuration>;
  /** The folder of a config.json with credentials; none unless given. */
  readonly dockerConfig?: string;
  readonly logger?: Logger;
}

/** The whole of Strata in this process, its layer workers running the sources. The caller closes it. */
export function createTestApp({ root, configuration, dockerConfig, logger }: TestAppOptions): App {
  const env = { DOCKER_CONFIG: dockerConfig ?? join(root, 'no-docker-config') };
  return createApp({
    configuration: () =>
      Promise.resolve({
        storePath: root,
        mirrors: {},
        insecureHosts: [],
        caFiles: [],
        concurrentDownloads: 3,
        ...configuration,
      }),
    credentials: dockerConfigSource({ env, homedir: root, logger: logger ?? silentLogger }),
    logger: logger ?? silentLogger,
    workerPath: join(import.meta.dirname, '../../src/images/worker/worker.ts'),
    userAgent: 'strata-test',
  });
}

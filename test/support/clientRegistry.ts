import { onTestFinished } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { createRegistry } from '../../src/registry/registry.ts';
import type { Registry, RegistryOptions } from '../../src/registry/types.ts';
import { createTransport } from '../../src/transport/index.ts';

/** The registry's client over real sockets, quick to try again; gone when the test is. */
export function connectRegistry(options: Partial<RegistryOptions> = {}): Registry {
  const insecureHosts = options.insecureHosts ?? [];
  const config = { insecureHosts, userAgent: 'strata-test' };
  const transport = createTransport(config, silentLogger, { retryBaseMs: 1 });
  onTestFinished(() => transport.close());
  return createRegistry({
    transport,
    credentials: { get: () => Promise.resolve(undefined) },
    mirrors: {},
    insecureHosts,
    logger: silentLogger,
    ...options,
  });
}

/** A setting's value where the person set one; undefined where only the default stands. */
export type ReadSetting = (section: string) => unknown;

/**
 * The settings under the names that the configuration file has; `loadConfiguration` checks them.
 * Absent where nothing is set, so that the configuration file's word counts.
 */
export function settingsValues(read: ReadSetting): Readonly<Record<string, unknown>> {
  const values = {
    storePath: read('strata.storePath'),
    mirrors: read('strata.mirrors'),
    insecureHosts: read('strata.insecureRegistries'),
    caFiles: read('strata.caFiles'),
    concurrentDownloads: read('strata.pull.concurrentDownloads'),
    proxy: readProxy(read),
    // VS Code's default is true, and so is ours.
    strictTls: read('http.proxyStrictSSL') === false ? false : undefined,
  };
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  );
}

/** `http.proxy` holds for both schemes, as in VS Code itself; `http.proxySupport: off` turns it off. */
function readProxy(read: ReadSetting): unknown {
  const address = read('http.proxy');
  if (typeof address !== 'string' || address.trim() === '' || read('http.proxySupport') === 'off')
    return undefined;
  const noProxy = read('http.noProxy');
  const hosts = Array.isArray(noProxy) ? noProxy.filter((host) => typeof host === 'string') : [];
  return { http: address, https: address, ...(hosts.length === 0 ? {} : { noProxy: hosts.join(',') }) };
}

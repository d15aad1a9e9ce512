export type Credentials =
  { readonly username: string; readonly password: string } | { readonly identityToken: string };

/** Where credentials come from. Hosts are written as in image names: `docker.io`, `localhost:5000`. */
export interface CredentialSource {
  /** Another number after each change of what it knows: tokens that were got before are not used any more. */
  readonly revision?: number;
  get(host: string): Promise<Credentials | undefined>;
}

/** Asks one source after another; the first that knows the host answers. */
export function chainSources(sources: readonly CredentialSource[]): CredentialSource {
  return {
    get revision() {
      return sources.reduce((sum, { revision = 0 }) => sum + revision, 0);
    },
    async get(host) {
      for (const source of sources) {
        const found = await source.get(host);
        if (found) return found;
      }
      return undefined;
    },
  };
}

/** Docker Hub has several names in configuration files; all mean `docker.io`. */
export function canonicalHost(host: string): string {
  const lower = host.toLowerCase();
  return lower === 'index.docker.io' || lower === 'registry-1.docker.io' ? 'docker.io' : lower;
}

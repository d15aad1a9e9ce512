import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, systemCode } from '../../base/errors.ts';
import { MAX_DOCKER_CONFIG_BYTES } from '../../base/limits.ts';
import type { Logger } from '../../base/logger.ts';
import { isObject } from '../failures.ts';
import type { Credentials, CredentialSource } from './credentials.ts';
import { canonicalHost } from './credentials.ts';
import { askHelper } from './helper.ts';

export interface DockerConfigOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homedir: string;
  readonly logger: Logger;
}

/** The key under which Docker keeps Docker Hub's credentials. */
export const HUB_KEY = 'https://index.docker.io/v1/';

/**
 * Reads what `docker login` wrote: `config.json` in DOCKER_CONFIG or `~/.docker`. As in Docker a host's own helper (credHelpers)
 * comes before the common one (credsStore), and both before what the file itself holds.
 * A file that is missing or damaged is no reason to fail: the log says so.
 * `get` throws StrataError `credentials-helper-failed`.
 */
export function dockerConfigSource(options: DockerConfigOptions): CredentialSource {
  return {
    async get(host) {
      const config = await readConfig(options);
      return config && (await find(config, canonicalHost(host), options));
    },
  };
}

/** The hosts that Docker's configuration has credentials or a helper for: Docker Hub is `docker.io`. */
export async function dockerConfigHosts(options: DockerConfigOptions): Promise<readonly string[]> {
  const config = await readConfig(options);
  const keys = [...Object.keys(config?.auths ?? {}), ...Object.keys(config?.credHelpers ?? {})];
  return [...new Set(keys.flatMap((key) => hostOfKey(key) ?? []))].sort();
}

interface DockerConfig {
  readonly auths: Record<string, unknown>;
  readonly credHelpers: Record<string, unknown>;
  readonly credsStore: unknown;
}

/** Where it is, or would be. */
export function dockerConfigPath({ env, homedir }: Pick<DockerConfigOptions, 'env' | 'homedir'>): string {
  const folder = env['DOCKER_CONFIG'];
  return join(folder === undefined || folder === '' ? join(homedir, '.docker') : folder, 'config.json');
}

async function readConfig(options: DockerConfigOptions): Promise<DockerConfig | undefined> {
  const path = dockerConfigPath(options);
  try {
    if ((await stat(path)).size > MAX_DOCKER_CONFIG_BYTES) throw new Error('it is too large');
    const document: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (!isObject(document)) throw new Error('it is no JSON object');
    const { auths, credHelpers, credsStore } = document;
    return {
      auths: isObject(auths) ? auths : {},
      credHelpers: isObject(credHelpers) ? credHelpers : {},
      credsStore,
    };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    // A parser's message quotes the file, and the file holds passwords.
    const why = error instanceof SyntaxError ? 'it is no JSON' : describeError(error);
    options.logger.warn(`${path} is left out: ${why}`);
    return undefined;
  }
}

async function find(
  config: DockerConfig,
  host: string,
  options: DockerConfigOptions,
): Promise<Credentials | undefined> {
  const serverKey = host === 'docker.io' ? HUB_KEY : host;
  const own = ownValue(config.credHelpers, host);
  if (typeof own?.value === 'string') return askHelper(own.value, own.key, options);
  const keys = ownKeys(config.auths, host);
  if (typeof config.credsStore === 'string' && config.credsStore !== '') {
    for (const key of new Set([serverKey, ...keys])) {
      const found = await askHelper(config.credsStore, key, options);
      if (found) return found;
    }
  }
  for (const key of keys) {
    const found = inline(config.auths[key]);
    if (found) return found;
  }
  return undefined;
}

export function ownValue(
  table: Record<string, unknown>,
  host: string,
): { key: string; value: unknown } | undefined {
  const [key] = ownKeys(table, host);
  return key === undefined ? undefined : { key, value: table[key] };
}

/** The keys of `auths` or `credHelpers` that mean this host, the exact one first: `host`, `https://host`, `https://host/v1/`. */
export function ownKeys(table: Record<string, unknown>, host: string): string[] {
  const keys = Object.keys(table).filter((key) => hostOfKey(key) === host);
  return keys.sort((a, b) => Number(b === host) - Number(a === host));
}

function hostOfKey(key: string): string | undefined {
  // Podman also writes keys for one namespace (host/team): those are not for the whole host.
  const host = /^(?:https?:\/\/)?([^/]+)(?:\/(?:v[12]\/?)?)?$/i.exec(key)?.[1];
  return host === undefined ? undefined : canonicalHost(host);
}

/** One entry of `auths`. */
function inline(entry: unknown): Credentials | undefined {
  if (!isObject(entry)) return undefined;
  const { identitytoken, auth, username, password } = entry;
  if (typeof identitytoken === 'string' && identitytoken !== '') return { identityToken: identitytoken };
  if (typeof auth === 'string' && auth !== '') {
    const pair = Buffer.from(auth, 'base64').toString('utf8');
    const colon = pair.indexOf(':');
    if (colon <= 0) return undefined;
    // Docker cuts off NUL bytes that old versions left at the end.
    return { username: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, '') };
  }
  if (typeof username === 'string' && username !== '' && typeof password === 'string') {
    return { username, password };
  }
  return undefined;
}

import { mkdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomicFile.ts';
import { describeError, StrataError, systemCode } from '../../base/errors.ts';
import { MAX_DOCKER_CONFIG_BYTES } from '../../base/limits.ts';
import { isObject } from '../failures.ts';
import type { Credentials } from './credentials.ts';
import { canonicalHost } from './credentials.ts';
import { dockerConfigPath, HUB_KEY, ownKeys, ownValue } from './dockerConfig.ts';
import type { DockerConfigOptions } from './dockerConfig.ts';
import { eraseInHelper, storeInHelper } from './helper.ts';

type Table = Readonly<Record<string, unknown>>;

/** The fields of an entry of `auths` that sign in; what else is in it (`email`) stays. */
const SECRET_FIELDS: ReadonlySet<string> = new Set([
  'auth',
  'username',
  'password',
  'identitytoken',
  'registrytoken',
]);
/** Nobody but its owner, as Docker makes it. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * What `docker login` and `docker logout` write: Docker's config.json, or the credential helpers that it names (docker/cli
 * config/configfile, config/credentials). Servers are hosts as in image names, or Docker Hub's key `https://index.docker.io/v1/`.
 * All else in the file stays, in its order. Every method throws StrataError `config-invalid` for a file that cannot be read:
 * it is left alone.
 */
export class DockerLogins {
  readonly #options: DockerConfigOptions;
  readonly path: string;

  constructor(options: DockerConfigOptions) {
    this.#options = options;
    this.path = dockerConfigPath(options);
  }

  /** True where the file itself would keep the secret, for everyone to read who can read the file. */
  async keepsInFile(server: string): Promise<boolean> {
    return helperOf(await this.#read(), server) === undefined;
  }

  /** The user name beside the secret in the file, which a helper does not tell without it. */
  async username(server: string): Promise<string | undefined> {
    const auths = tableOf(await this.#read(), 'auths');
    const entry = ownValue(auths, hostOf(server))?.value;
    const auth = isObject(entry) ? entry['auth'] : undefined;
    const [name = ''] =
      typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8').split(':', 1) : [];
    return name === '' ? undefined : name;
  }

  /**
   * Keeps credentials. @param username goes with an identity token too
   * @throws StrataError `credentials-helper-failed`, `file-unwritable`
   */
  async store(server: string, username: string, credentials: Credentials): Promise<void> {
    const document = await this.#read();
    const helper = helperOf(document, server);
    if (helper !== undefined) await storeInHelper(helper.name, helper.server, credentials, this.#options);
    const auths = tableOf(document, 'auths');
    const known = Object.hasOwn(auths, server) ? auths[server] : undefined;
    const others = Object.entries(isObject(known) ? known : {}).filter(
      ([field]) => !SECRET_FIELDS.has(field),
    );
    const secret = helper === undefined ? inline(username, credentials) : {};
    const entry = { ...secret, ...Object.fromEntries(others) };
    await this.#write({ ...document, auths: withEntry(auths, server, entry) });
  }

  /**
   * Forgets whatever is kept for a server under one of its names.
   * @throws StrataError `credentials-helper-failed` when its helper forgets none of them, `file-unwritable`
   */
  async erase(server: string): Promise<void> {
    const document = await this.#read();
    const helper = helperOf(document, server);
    if (helper !== undefined) {
      const names = server === HUB_KEY ? [server] : [helper.server, `http://${server}`, `https://${server}`];
      await this.#eraseAny(helper.name, names);
    }
    const auths = tableOf(document, 'auths');
    const gone = new Set(ownKeys(auths, hostOf(server)));
    if (gone.size === 0) return;
    const kept = Object.entries(auths).filter(([key]) => !gone.has(key));
    await this.#write({ ...document, auths: Object.fromEntries(kept) });
  }

  async #eraseAny(helper: string, servers: readonly string[]): Promise<void> {
    const failures: unknown[] = [];
    for (const server of servers) {
      await eraseInHelper(helper, server, this.#options).catch((error: unknown) => failures.push(error));
    }
    if (failures.length === servers.length) throw failures[0];
  }

  async #read(): Promise<Table> {
    const { path } = this;
    const invalid = (detail: string): StrataError => new StrataError('config-invalid', { path, detail });
    try {
      if ((await stat(path)).size > MAX_DOCKER_CONFIG_BYTES) throw invalid('it is too large');
      const text = await readFile(path, 'utf8');
      const document: unknown = text.trim() === '' ? {} : JSON.parse(text);
      if (!isObject(document)) throw invalid('it is no JSON object');
      return document;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return {};
      // A parser's message quotes the file, and the file holds passwords.
      if (error instanceof SyntaxError) throw invalid('it is no JSON');
      throw error instanceof StrataError ? error : invalid(describeError(error));
    }
  }

  async #write(document: Table): Promise<void> {
    try {
      const path = await linkTarget(this.path);
      await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
      await writeFileAtomic(path, JSON.stringify(document, undefined, '\t'), { mode: FILE_MODE });
    } catch (error) {
      const { path } = this;
      throw new StrataError('file-unwritable', { path, detail: describeError(error) }, { cause: error });
    }
  }
}

/** The file behind a link, also behind one that leads nowhere yet. */
async function linkTarget(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
  try {
    return resolve(dirname(path), await readlink(path));
  } catch {
    return path;
  }
}

/** A host's own helper before the common one, and the name of the server that it knows. */
function helperOf(document: Table, server: string): { name: string; server: string } | undefined {
  const own = ownValue(tableOf(document, 'credHelpers'), hostOf(server));
  if (typeof own?.value === 'string' && own.value !== '') return { name: own.value, server: own.key };
  const common = document['credsStore'];
  return typeof common === 'string' && common !== '' ? { name: common, server } : undefined;
}

function hostOf(server: string): string {
  return server === HUB_KEY ? 'docker.io' : canonicalHost(server);
}

function tableOf(document: Table, key: string): Record<string, unknown> {
  const value = document[key];
  return isObject(value) ? value : {};
}

function inline(username: string, credentials: Credentials): Table {
  const isToken = 'identityToken' in credentials;
  const pair = `${username}:${isToken ? '' : credentials.password}`;
  const auth = Buffer.from(pair, 'utf8').toString('base64');
  return isToken ? { auth, identitytoken: credentials.identityToken } : { auth };
}

/** Docker writes the servers in alphabetical order: a new one comes to its place, and the others keep theirs. */
function withEntry(table: Table, key: string, value: unknown): Table {
  const entries = Object.entries(table);
  if (Object.hasOwn(table, key)) {
    return Object.fromEntries(entries.map(([name, old]) => [name, name === key ? value : old]));
  }
  const after = entries.findIndex(([name]) => name > key);
  return Object.fromEntries(entries.toSpliced(after === -1 ? entries.length : after, 0, [key, value]));
}

import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import envPaths from 'env-paths';
import { describeError, isStrataError, StrataError } from '../base/errors.ts';
import { DEFAULT_CONCURRENT_DOWNLOADS, MAX_CONFIGURATION_BYTES } from '../base/limits.ts';
import { parseJsonObject } from '../oci/parse.ts';
import { proxyFromEnvironment } from '../transport/index.ts';
import { SETTINGS } from './configurationValues.ts';
import type { Configuration } from './configurationValues.ts';
import { ifPresent, readWhole } from './files.ts';

export type { Configuration } from './configurationValues.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Key = keyof Configuration;
type Values = Readonly<Record<string, unknown>>;

/** Names another configuration file, or the folder of one. */
const CONFIG_VARIABLE = 'STRATA_CONFIG';

const KEYS = Object.keys(SETTINGS) as Key[];

export interface ConfigurationSources {
  readonly env: Environment;
  /** What a person set in VS Code: it wins over environment and file. Unchecked; undefined and '' count as unset. */
  readonly settings?: Values;
}

/**
 * Defaults, then the configuration file, then the environment, then the settings; each key by itself.
 * HTTP_PROXY and its kin count where nothing says otherwise. Unknown keys of the file are left to later versions.
 * @throws StrataError `config-invalid`, naming the file or variable and the key
 */
export async function loadConfiguration({ env, settings }: ConfigurationSources): Promise<Configuration> {
  const file = configurationFile(env);
  const proxy = proxyFromEnvironment(env);
  return {
    storePath: envPaths('strata', { suffix: '' }).data,
    mirrors: {},
    insecureHosts: [],
    caFiles: [],
    concurrentDownloads: DEFAULT_CONCURRENT_DOWNLOADS,
    ...(proxy === undefined ? {} : { proxy }),
    ...check(await readFile(file), dirname(file), (key) => ({ path: file, subject: `"${key}"` })),
    ...fromEnvironment(env),
    ...check(settings ?? {}, homedir(), (key) => ({ path: 'the settings', subject: `"${key}"` })),
  };
}

/**
 * The variables that make another Strata process use these values: for VS Code's terminals. Only the keys given,
 * so that what VS Code's settings leave open stays with the configuration file.
 */
export function configurationToEnvironment(values: Partial<Configuration>): Record<string, string> {
  const variables = Object.values(SETTINGS).flatMap(({ variable, print }) => {
    const text = print(values);
    return text === undefined ? [] : [[variable, text] as const];
  });
  return Object.fromEntries(variables);
}

/** Where the configuration file is, or would be. */
export function configurationFile(env: Environment): string {
  const named = env[CONFIG_VARIABLE];
  if (named === undefined || named === '') {
    return join(envPaths('strata', { suffix: '' }).config, 'config.json');
  }
  return named.endsWith('.json') ? resolve(named) : resolve(named, 'config.json');
}

async function readFile(path: string): Promise<Values> {
  try {
    const file = await ifPresent(readWhole(path, MAX_CONFIGURATION_BYTES));
    return file === undefined ? {} : parseJsonObject(file.bytes, path);
  } catch (error) {
    const detail =
      isStrataError(error, 'content-invalid') && 'detail' in error.params
        ? error.params.detail
        : describeError(error);
    throw new StrataError('config-invalid', { path, detail }, { cause: error });
  }
}

function fromEnvironment(env: Environment): Partial<Configuration> {
  const values = KEYS.flatMap((key) => {
    const { variable, parse } = SETTINGS[key];
    const text = env[variable];
    if (text === undefined || text.trim() === '') return [];
    return [[key, invalidAs({ path: variable, subject: 'it' }, () => parse(text))] as const];
  });
  return check(Object.fromEntries(values), process.cwd(), (key) => ({
    path: SETTINGS[key].variable,
    subject: 'it',
  }));
}

interface Origin {
  readonly path: string;
  readonly subject: string;
}

function check(values: Values, folder: string, originOf: (key: Key) => Origin): Partial<Configuration> {
  const checked = KEYS.flatMap((key) => {
    const value = values[key];
    if (value === undefined || value === '') return [];
    return [[key, invalidAs<unknown>(originOf(key), () => SETTINGS[key].check(value, folder))] as const];
  });
  return Object.fromEntries(checked);
}

function invalidAs<T>({ path, subject }: Origin, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw new StrataError(
      'config-invalid',
      { path, detail: `${subject} ${describeError(error)}` },
      { cause: error },
    );
  }
}

import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { MAX_CONCURRENT_DOWNLOADS } from '../base/limits.ts';
import type { ProxySettings } from '../transport/index.ts';

/** What the command line and every VS Code window must agree on. */
export interface Configuration {
  /** Absolute path of the store. */
  readonly storePath: string;
  /** Mirrors of a registry's domain (`docker.io`), tried in this order before the registry itself: URLs or hosts. */
  readonly mirrors: Readonly<Record<string, readonly string[]>>;
  /** `host`, `host:port` or CIDR: plain HTTP allowed, TLS unverified. */
  readonly insecureHosts: readonly string[];
  /** Absolute paths of PEM files, trusted in addition to the usual roots. */
  readonly caFiles: readonly string[];
  /** Layers fetched side by side. */
  readonly concurrentDownloads: number;
  readonly proxy?: ProxySettings;
  /**
   * What stands in for `https://index.docker.io` and `https://hub.docker.com`, where Docker Hub's search and tag times are asked
   * for. Mirrors of the registry serve neither.
   */
  readonly hubUrl?: string;
  /** False leaves TLS unverified everywhere. */
  readonly strictTls?: boolean;
}

/** One setting: how it is checked, and how it looks in the environment. */
interface Setting<K extends keyof Configuration> {
  readonly variable: string;
  /** @param folder what relative paths start from. Throws an Error whose message says what is wrong. */
  readonly check: (value: unknown, folder: string) => NonNullable<Configuration[K]>;
  /** The text of a variable as a value to check. */
  readonly parse: (text: string) => unknown;
  /** The setting as the text of its variable; undefined if it is not given. */
  readonly print: (values: Partial<Configuration>) => string | undefined;
}

/** The one table of settings: VS Code hands its own over to its terminals by these variables, and we read them. */
export const SETTINGS: { readonly [K in keyof Configuration]-?: Setting<K> } = {
  storePath: {
    variable: 'STRATA_ROOT',
    check: toPath,
    parse: (text) => text,
    print: ({ storePath }) => storePath,
  },
  mirrors: {
    variable: 'STRATA_MIRRORS',
    check: toMirrors,
    parse: fromJson,
    print: ({ mirrors }) => mirrors && JSON.stringify(mirrors),
  },
  insecureHosts: {
    variable: 'STRATA_INSECURE_HOSTS',
    check: toTexts,
    parse: (text) => split(text, ','),
    print: ({ insecureHosts }) => insecureHosts?.join(','),
  },
  caFiles: {
    variable: 'STRATA_CA_FILES',
    check: (value, folder) => toTexts(value).map((path) => toPath(path, folder)),
    parse: (text) => split(text, delimiter),
    print: ({ caFiles }) => caFiles?.join(delimiter),
  },
  concurrentDownloads: {
    variable: 'STRATA_CONCURRENT_DOWNLOADS',
    check: toConcurrency,
    parse: Number,
    print: ({ concurrentDownloads }) => concurrentDownloads?.toString(),
  },
  proxy: {
    variable: 'STRATA_PROXY',
    check: toProxy,
    parse: fromJson,
    print: ({ proxy }) => proxy && JSON.stringify(proxy),
  },
  hubUrl: {
    variable: 'STRATA_HUB_URL',
    check: toUrl,
    parse: (text) => text,
    print: ({ hubUrl }) => hubUrl,
  },
  strictTls: {
    variable: 'STRATA_STRICT_TLS',
    check: toBoolean,
    parse: fromJson,
    print: ({ strictTls }) => strictTls?.toString(),
  },
};

function toPath(value: unknown, folder: string): string {
  const text = toText(value);
  if (text === '~') return homedir();
  if (/^~[/\\]/.test(text)) return join(homedir(), text.slice(2));
  return resolve(folder, text);
}

function toText(value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw new Error('must be a text that is not empty');
}

function toTexts(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(toText);
  throw new Error('must be a list of texts');
}

function toMirrors(value: unknown): Record<string, string[]> {
  if (!isObject(value)) throw new Error('must be an object from registry to list of mirrors');
  return Object.fromEntries(
    Object.entries(value).map(([domain, mirrors]) => {
      if (Array.isArray(mirrors)) return [toText(domain), mirrors.map(toText)];
      throw new Error(`must have a list of mirrors for ${domain}`);
    }),
  );
}

function toUrl(value: unknown): string {
  const text = toText(value);
  if (/^https?:\/\//i.test(text) && URL.canParse(text) && new URL(text).username === '') return text;
  throw new Error('must be an address that begins with https:// or http://');
}

function toConcurrency(value: unknown): number {
  const inRange =
    typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_CONCURRENT_DOWNLOADS;
  if (inRange) return value;
  throw new Error(`must be a whole number from 1 to ${MAX_CONCURRENT_DOWNLOADS}`);
}

function toProxy(value: unknown): ProxySettings {
  if (!isObject(value)) throw new Error('must be an object with http, https and noProxy');
  const fields = (['http', 'https', 'noProxy'] as const).flatMap((key) => {
    const text = value[key];
    if (text === undefined) return [];
    if (typeof text === 'string') return text.trim() === '' ? [] : [[key, text.trim()] as const];
    throw new Error(`must have a text for ${key}`);
  });
  return Object.fromEntries(fields);
}

function toBoolean(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new Error('must be true or false');
}

function split(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('must be JSON');
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

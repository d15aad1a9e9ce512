import { StrataError } from '../base/errors.ts';
import type { ReferenceProblem } from '../base/errors.ts';
import { isDigest } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';

/** An image name, normalised as Docker does (distribution/reference normalize.go). */
export interface Reference {
  /** `docker.io`, `localhost:5000`, `[::1]:5000` */
  readonly domain: string;
  /** `library/alpine` */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const DEFAULT_DOMAIN = 'docker.io';
const LEGACY_DOMAIN = 'index.docker.io';
const OFFICIAL = 'library/';
const MAX_NAME_LENGTH = 255;
/** No name, tag and digest together can be longer; guards the patterns below. */
const MAX_INPUT_LENGTH = 1024;

const COMPONENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const DOMAIN_LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = new RegExp(`^(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const TAG = /^\w[\w.-]{0,127}$/;
const BARE_ID = /^[a-f0-9]{64}$/;

/**
 * Reads a name as a person writes it: `alpine`, `alpine:3.20`, `ghcr.io/o/r@sha256:…`. Adds no tag.
 * @throws StrataError `reference-invalid`, naming the offending part
 */
export function parseReference(text: string): Reference {
  const fail = (reason: ReferenceProblem, part: string): never => {
    throw new StrataError('reference-invalid', { name: text.slice(0, MAX_INPUT_LENGTH), part, reason });
  };
  if (text === '') fail('empty', '');
  if (text.length > MAX_INPUT_LENGTH) fail('too-long', text.slice(0, MAX_NAME_LENGTH));
  if (BARE_ID.test(text)) fail('bare-id', text);

  const { name, tag, digest } = splitSuffixes(text);
  if (digest !== undefined && !isDigest(digest)) fail('digest', digest);
  if (tag !== undefined && !TAG.test(tag)) fail('tag', tag);

  const { domain, path } = splitDomain(name);
  if (path === '') fail('format', text);
  if (/[A-Z]/.test(path)) fail('uppercase', name);
  if (!DOMAIN.test(domain)) fail('host', domain);
  const bad = path.split('/').find((component) => !COMPONENT.test(component));
  if (bad !== undefined) fail('path', bad === '' ? path : bad);
  if (domain.length + 1 + path.length > MAX_NAME_LENGTH) fail('too-long', name);
  return {
    domain,
    path,
    ...(tag === undefined ? {} : { tag }),
    ...(isDigest(digest) ? { digest } : {}),
  };
}

function splitSuffixes(text: string): { name: string; tag?: string; digest?: string } {
  const at = text.indexOf('@');
  const named = at === -1 ? text : text.slice(0, at);
  const digest = at === -1 ? {} : { digest: text.slice(at + 1) };
  const colon = named.lastIndexOf(':');
  // A colon before the last slash belongs to a host's port, and one within brackets to an IPv6 host.
  if (colon <= named.lastIndexOf('/') || colon < named.lastIndexOf(']')) return { name: named, ...digest };
  return { name: named.slice(0, colon), tag: named.slice(colon + 1), ...digest };
}

/** The first component is a host if it is `localhost` or has a dot or a colon (normalize.go, splitDockerDomain). */
function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(0, slash));
  const isHost = slash !== -1 && (first === 'localhost' || /[.:]/.test(first));
  const domain = isHost && first !== LEGACY_DOMAIN ? first : DEFAULT_DOMAIN;
  const rest = isHost ? name.slice(slash + 1) : name;
  const official = domain === DEFAULT_DOMAIN && rest !== '' && !rest.includes('/');
  return { domain, path: official ? OFFICIAL + rest : rest };
}

/** Adds `latest` where there is neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined
    ? { ...reference, tag: 'latest' }
    : reference;
}

/** `docker.io/library/alpine` */
export function canonicalName(reference: Reference): string {
  return `${reference.domain}/${reference.path}`;
}

/** `alpine`: as short as Docker shows it. */
export function familiarName(reference: Reference): string {
  if (reference.domain !== DEFAULT_DOMAIN) return canonicalName(reference);
  const short = reference.path.startsWith(OFFICIAL) ? reference.path.slice(OFFICIAL.length) : reference.path;
  return short.includes('/') ? reference.path : short;
}

/** The parts of a canonical name with tag or digest, its repository in familiar form; read without a check. */
export function familiarParts(canonical: string): { repository: string; tag?: string; digest?: string } {
  const at = canonical.indexOf('@');
  const end = at === -1 ? canonical.lastIndexOf(':') : at;
  const rest = canonical.slice(end + 1);
  const repository = familiarRepository(canonical.slice(0, end));
  return at === -1 ? { repository, tag: rest } : { repository, digest: rest };
}

const OWN_PREFIX = `${DEFAULT_DOMAIN}/`;

/** `alpine` of a canonical `docker.io/library/alpine`; read without a check. */
export function familiarRepository(canonical: string): string {
  if (!canonical.startsWith(OWN_PREFIX)) return canonical;
  return familiarName({ domain: DEFAULT_DOMAIN, path: canonical.slice(OWN_PREFIX.length) });
}

function suffix(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  return tag + (reference.digest === undefined ? '' : `@${reference.digest}`);
}

/** `docker.io/library/alpine:latest` */
export function canonicalString(reference: Reference): string {
  return canonicalName(reference) + suffix(reference);
}

/** `alpine:latest` */
export function familiarString(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

/** The host whose API serves the name: Docker Hub's is not the one in its names. */
export function registryHost(domain: string): string {
  return domain === DEFAULT_DOMAIN ? 'registry-1.docker.io' : domain;
}

/** The hex of an image ID or of a prefix, with or without `sha256:`; undefined if the text cannot be one. */
export function parseIdPrefix(text: string): string | undefined {
  return /^(?:sha256:)?([a-f0-9]{1,64})$/.exec(text)?.[1];
}

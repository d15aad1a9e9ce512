import { isDigest } from '../oci/digest.ts';
import type { Digest } from '../oci/digest.ts';
import type { Descriptor } from '../oci/documents.ts';
import { OCI_INDEX } from '../oci/mediaTypes.ts';
import { parseDescriptor, parseJsonObject } from '../oci/parse.ts';

/** image-spec annotations.md; in a layout it names the entry. */
const REF_NAME = 'org.opencontainers.image.ref.name';
const CONFIG = 'io.strata.config';
const REPO_DIGESTS = 'io.strata.repo-digests';
const TAGGED_AT = 'io.strata.tagged-at';
const PARENT = 'io.strata.parent';
const SOURCE = 'io.strata.source-manifest';

type Json = Readonly<Record<string, unknown>>;

/**
 * One entry of index.json: a tag, or an image without tags.
 * An entry of another tool has no `config`; its name is whatever that tool wrote, and its manifest may be an index.
 */
export interface RefEntry {
  /** Canonical name with tag, `docker.io/library/alpine:latest`; absent on an image without tags. */
  readonly name?: string;
  /** The platform manifest. */
  readonly manifest: Descriptor;
  /** The image ID: the digest of the configuration. */
  readonly config?: Digest;
  /** Canonical `repository@digest` of what was pulled or pushed. */
  readonly repoDigests: readonly string[];
  /** When the tag was last set here, RFC 3339. */
  readonly taggedAt?: string;
  /** Image ID of the parent. */
  readonly parent?: Digest;
  /** The manifest as the registry has it, where ours says the same in image-spec's media types. A sweep keeps it. */
  readonly source?: Digest;
  /** The entry as index.json has it. A copy with changed fields keeps what we do not know of. */
  readonly raw?: Json;
}

/** index.json as read: `fields` are the members besides `manifests`, kept for a rewrite. */
export interface IndexDocument {
  readonly entries: readonly RefEntry[];
  readonly fields: Json;
}

export const EMPTY_INDEX: IndexDocument = {
  entries: [],
  fields: { schemaVersion: 2, mediaType: OCI_INDEX },
};

/** Entries that came from a file and were not copied: they go back as they were, to the byte's meaning. */
const untouched = new WeakSet<RefEntry>();

/**
 * image-spec image-layout.md, "index.json file".
 * @throws StrataError `content-invalid` or `digest-invalid` with what is wrong
 */
export function parseIndexDocument(bytes: Uint8Array): IndexDocument {
  const { manifests, ...fields } = parseJsonObject(bytes, 'index.json');
  if (fields.schemaVersion !== 2) throw new Error('its schemaVersion is not 2');
  // umoci writes null for an empty list.
  if (!Array.isArray(manifests) && manifests !== null) throw new Error('it has no list of manifests');
  const entries = (manifests ?? []).map((raw: unknown) => parseEntry(raw));
  return { entries, fields };
}

export function printIndexDocument(document: IndexDocument): string {
  return JSON.stringify({ ...document.fields, manifests: document.entries.map(printEntry) });
}

function parseEntry(value: unknown): RefEntry {
  const descriptor = parseDescriptor(value, 'index.json');
  const notes = descriptor.annotations ?? {};
  const config = notes[CONFIG];
  const parent = notes[PARENT];
  const source = notes[SOURCE];
  const name = notes[REF_NAME];
  const taggedAt = notes[TAGGED_AT];
  const entry: RefEntry = {
    ...(name === undefined || name === '' ? {} : { name }),
    manifest: withoutOwn(descriptor),
    ...(isDigest(config) ? { config } : {}),
    repoDigests: (notes[REPO_DIGESTS] ?? '').split(' ').filter((text) => text !== ''),
    ...(taggedAt === undefined ? {} : { taggedAt }),
    ...(isDigest(parent) ? { parent } : {}),
    ...(isDigest(source) ? { source } : {}),
    raw: value as Json,
  };
  untouched.add(entry);
  return entry;
}

/** Ours are fields of the entry; the descriptor keeps the other annotations. */
function withoutOwn(descriptor: Descriptor): Descriptor {
  const { annotations, ...rest } = descriptor;
  const others = Object.entries(annotations ?? {}).filter(([key]) => !OWN.has(key));
  return others.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(others) };
}

const OWN = new Set([REF_NAME, CONFIG, REPO_DIGESTS, TAGGED_AT, PARENT, SOURCE]);

function printEntry(entry: RefEntry): Json {
  const { manifest } = entry;
  if (entry.raw !== undefined && untouched.has(entry)) return entry.raw;
  // Fields such as `data` or `urls` describe one document: they do not survive a change of the digest.
  const raw = entry.raw?.digest === manifest.digest ? entry.raw : {};
  const unknown = isObject(raw.annotations) ? raw.annotations : {};
  const others = Object.entries({ ...unknown, ...manifest.annotations }).filter(([key]) => !OWN.has(key));
  const own: [string, string | undefined][] = [
    [REF_NAME, entry.name],
    [CONFIG, entry.config],
    [REPO_DIGESTS, entry.repoDigests.length === 0 ? undefined : entry.repoDigests.join(' ')],
    [TAGGED_AT, entry.taggedAt],
    [PARENT, entry.parent],
    [SOURCE, entry.source],
  ];
  const annotations = [...others, ...own.filter(([, value]) => value !== undefined)];
  const fields: Record<string, unknown> = { ...raw, ...manifest };
  if (annotations.length === 0) delete fields.annotations;
  else fields.annotations = Object.fromEntries(annotations);
  return fields;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { describe, expect, it } from 'vitest';
import { sha256 } from '../oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../oci/mediaTypes.ts';
import { EMPTY_INDEX, parseIndexDocument, printIndexDocument } from './indexDocument.ts';
import type { RefEntry } from './indexDocument.ts';

const digest = sha256('a manifest');
const config = sha256('a config');

const foreign = {
  mediaType: OCI_INDEX,
  digest,
  size: 12,
  data: 'aGVsbG8=',
  'x-unknown': { deep: [1, 2] },
  annotations: { 'org.opencontainers.image.ref.name': 'foo:1', 'org.example.note': 'kept' },
};

function parse(document: unknown): ReturnType<typeof parseIndexDocument> {
  return parseIndexDocument(Buffer.from(JSON.stringify(document)));
}

const print = (entries: readonly RefEntry[], fields = EMPTY_INDEX.fields): unknown =>
  JSON.parse(printIndexDocument({ entries, fields }));

describe('index.json', () => {
  it('brings an entry of ours back whole', () => {
    const entry: RefEntry = {
      name: 'docker.io/library/alpine:latest',
      manifest: {
        mediaType: OCI_MANIFEST,
        digest,
        size: 528,
        platform: { os: 'linux', architecture: 'arm64' },
      },
      config,
      repoDigests: [`docker.io/library/alpine@${digest}`, `localhost:5000/alpine@${digest}`],
      taggedAt: '2026-01-02T03:04:05Z',
      parent: sha256('parent'),
    };
    const printed = print([entry]);
    expect(printed).toEqual({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [
        {
          mediaType: OCI_MANIFEST,
          digest,
          size: 528,
          platform: { os: 'linux', architecture: 'arm64' },
          annotations: {
            'org.opencontainers.image.ref.name': 'docker.io/library/alpine:latest',
            'io.strata.config': config,
            'io.strata.repo-digests': `docker.io/library/alpine@${digest} localhost:5000/alpine@${digest}`,
            'io.strata.tagged-at': '2026-01-02T03:04:05Z',
            'io.strata.parent': sha256('parent'),
          },
        },
      ],
    });
    const { raw, ...back } = parse(printed).entries[0] ?? {};
    expect(raw).toBeDefined();
    expect(back).toEqual(entry);
  });

  it('prints an untagged image without a name', () => {
    const entry = { manifest: { mediaType: OCI_MANIFEST, digest, size: 1 }, config, repoDigests: [] };
    expect(print([entry])).toMatchObject({ manifests: [{ annotations: { 'io.strata.config': config } }] });
    expect(parse(print([entry])).entries[0]).not.toHaveProperty('name');
  });

  it('gives an entry of another tool back as it was, unknown fields too', () => {
    const document = { schemaVersion: 2, manifests: [foreign], annotations: { top: 'level' }, future: 1 };
    const parsed = parse(document);
    expect(parsed.entries[0]).toMatchObject({
      name: 'foo:1',
      repoDigests: [],
      manifest: { mediaType: OCI_INDEX, digest, size: 12, annotations: { 'org.example.note': 'kept' } },
    });
    expect(parsed.entries[0]).not.toHaveProperty('config');
    expect(print(parsed.entries, parsed.fields)).toEqual(document);
  });

  it('keeps unknown fields of an entry that is copied and renamed', () => {
    const [entry] = parse({ schemaVersion: 2, manifests: [foreign] }).entries;
    const renamed = { ...(entry as RefEntry), name: 'docker.io/library/foo:2', config };
    expect(print([renamed])).toMatchObject({
      manifests: [
        {
          ...foreign,
          annotations: {
            'org.opencontainers.image.ref.name': 'docker.io/library/foo:2',
            'io.strata.config': config,
            'org.example.note': 'kept',
          },
        },
      ],
    });
    const { manifest, repoDigests, raw } = entry as RefEntry;
    const untagged = { manifest, repoDigests, ...(raw && { raw }) };
    expect(print([untagged])).toMatchObject({
      manifests: [{ annotations: { 'org.example.note': 'kept' }, data: 'aGVsbG8=' }],
    });
    expect(JSON.stringify(print([untagged]))).not.toContain('ref.name');
  });

  it('drops fields that described another document when the manifest changes', () => {
    const [entry] = parse({ schemaVersion: 2, manifests: [foreign] }).entries;
    const other = { mediaType: OCI_MANIFEST, digest: sha256('other'), size: 3 };
    expect(print([{ ...(entry as RefEntry), manifest: other }])).toMatchObject({
      manifests: [{ ...other, annotations: { 'org.opencontainers.image.ref.name': 'foo:1' } }],
    });
    expect(JSON.stringify(print([{ ...(entry as RefEntry), manifest: other }]))).not.toContain('aGVsbG8=');
  });

  it('takes annotations that are not what they should be for absent', () => {
    const odd = {
      ...foreign,
      annotations: {
        'io.strata.config': 'sha256:zz',
        'io.strata.parent': '../..',
        'org.opencontainers.image.ref.name': 7,
        __proto__: null,
      },
    };
    const document = { schemaVersion: 2, manifests: [odd] };
    const parsed = parse(document);
    for (const key of ['config', 'parent', 'name']) expect(parsed.entries[0]).not.toHaveProperty(key);
    expect(print(parsed.entries, parsed.fields)).toEqual(document);
  });

  it('reads the null that umoci writes for an empty list', () => {
    expect(parse({ schemaVersion: 2, manifests: null }).entries).toEqual([]);
  });

  it.each([
    ['no JSON', '{"schemaVersion":2,"manifests":['],
    ['no object', '[]'],
    ['another version', '{"schemaVersion":1,"manifests":[]}'],
    ['no list', '{"schemaVersion":2}'],
    ['a list that is an object', '{"schemaVersion":2,"manifests":{}}'],
    ['an entry that is no object', '{"schemaVersion":2,"manifests":[7]}'],
    [
      'a digest that is a path',
      '{"schemaVersion":2,"manifests":[{"mediaType":"x","size":1,"digest":"sha256:../../x"}]}',
    ],
    [
      'a size below zero',
      `{"schemaVersion":2,"manifests":[{"mediaType":"x","size":-1,"digest":"${digest}"}]}`,
    ],
  ])('refuses %s', (_what, text) => {
    expect(() => parseIndexDocument(Buffer.from(text))).toThrow();
  });
});

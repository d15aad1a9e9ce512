import { describe, expect, it } from 'vitest';
import { isStrataError } from '../base/errors.ts';
import { chainIds } from './chainId.ts';
import { parseDigest, sha256, verifyDigest } from './digest.ts';
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER_GZIP, OCI_MANIFEST } from './mediaTypes.ts';
import { pairLayers, parseImageConfig, parseIndex, parseManifest } from './parse.ts';

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const digest = sha256('x');
const config = { mediaType: OCI_CONFIG, digest, size: 3 };
const layer = { mediaType: OCI_LAYER_GZIP, digest, size: 9 };
const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] };

describe('parseManifest', () => {
  it('reads a manifest, with or without its own media type', () => {
    expect(parseManifest(bytes(manifest), 'm').layers[0]?.size).toBe(9);
    const bare = { schemaVersion: 2, config, layers: [layer] };
    expect(parseManifest(bytes(bare), 'm').mediaType).toBe(OCI_MANIFEST);
  });

  it('refuses schema 1 by name', () => {
    const code = (document: unknown): unknown => {
      try {
        parseManifest(bytes(document), 'old');
      } catch (error) {
        return isStrataError(error, 'manifest-unsupported') && error.params.schema1;
      }
      return undefined;
    };
    expect(code({ schemaVersion: 1, fsLayers: [] })).toBe(true);
    expect(code({ schemaVersion: 2, mediaType: 'application/vnd.other+json', layers: [] })).toBe(false);
  });

  it.each([
    ['not JSON', new TextEncoder().encode('{'), 'not JSON'],
    ['an array', bytes([]), 'not a JSON object'],
    ['both kinds at once', bytes({ ...manifest, manifests: [] }), 'mixes'],
    ['an index', bytes({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }), 'index'],
    ['no layers', bytes({ ...manifest, layers: undefined }), 'no list of layers'],
    ['a negative size', bytes({ ...manifest, layers: [{ ...layer, size: -1 }] }), 'size'],
    ['a fractional size', bytes({ ...manifest, layers: [{ ...layer, size: 1.5 }] }), 'size'],
    [
      'a digest that climbs',
      bytes({ ...manifest, layers: [{ ...layer, digest: 'sha256:../../x' }] }),
      'invalid digest',
    ],
    ['too many layers', bytes({ ...manifest, layers: Array(513).fill(layer) }), 'more than 512'],
    ['invalid UTF-8', Uint8Array.from([0x7b, 0xff, 0x7d]), 'not JSON'],
  ])('refuses %s', (_name, document, message) => {
    expect(() => parseManifest(document, 'm')).toThrow(message);
  });
});

it('reads an index with platforms', () => {
  const platform = { os: 'linux', architecture: 'arm', variant: 'v7' };
  const index = {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [{ ...layer, mediaType: OCI_MANIFEST, platform }],
  };
  expect(parseIndex(bytes(index), 'i').manifests[0]?.platform).toEqual(platform);
  expect(() => parseIndex(bytes(manifest), 'i')).toThrow('manifest, not an index');
});

describe('parseImageConfig', () => {
  const rootfs = { type: 'layers', diff_ids: [digest] };

  it('reads labels and history, and keeps the document', () => {
    const parsed = parseImageConfig(
      bytes({
        architecture: 'amd64',
        os: 'linux',
        rootfs,
        config: { Labels: { a: 'b', bad: 1 } },
        history: [{ created_by: 'x' }, { empty_layer: true }],
      }),
      'c',
    );
    expect(parsed.labels).toEqual({ a: 'b' });
    expect(parsed.history).toEqual([{ created_by: 'x' }, { empty_layer: true }]);
    expect(parsed.raw.architecture).toBe('amd64');
  });

  it('allows missing history, and refuses more than the layers explain', () => {
    expect(parseImageConfig(bytes({ rootfs }), 'c').history).toEqual([]);
    expect(() => parseImageConfig(bytes({ rootfs, history: [{}, {}] }), 'c')).toThrow('more layers');
    expect(() => parseImageConfig(bytes({ rootfs: { type: 'x' } }), 'c')).toThrow('rootfs');
    expect(() =>
      parseImageConfig(bytes({ rootfs: { type: 'layers', diff_ids: ['sha256:1'] } }), 'c'),
    ).toThrow('diff IDs');
  });

  it('pairs layers with diff IDs, and refuses other counts and kinds', () => {
    const image = parseImageConfig(bytes({ rootfs }), 'c');
    expect(pairLayers(parseManifest(bytes(manifest), 'm'), image, 'm')[0]?.diffId).toBe(digest);
    const two = parseManifest(bytes({ ...manifest, layers: [layer, layer] }), 'm');
    expect(() => pairLayers(two, image, 'm')).toThrow('2 layers');
    const odd = parseManifest(bytes({ ...manifest, layers: [{ ...layer, mediaType: 'text/plain' }] }), 'm');
    expect(() => pairLayers(odd, image, 'm')).toThrow('unknown type');
  });

  it('refuses a layer that is to unpack to two contents, and takes one that comes twice', () => {
    const two = parseManifest(bytes({ ...manifest, layers: [layer, layer] }), 'm');
    const imageOf = (other: string): ReturnType<typeof parseImageConfig> =>
      parseImageConfig(bytes({ rootfs: { type: 'layers', diff_ids: [digest, other] } }), 'c');
    expect(pairLayers(two, imageOf(digest), 'm')).toHaveLength(2);
    expect(() => pairLayers(two, imageOf(sha256('y')), 'm')).toThrow('two different contents');
  });
});

describe('digests', () => {
  it('accepts what it can verify only', () => {
    expect(() => parseDigest('md5:00')).toThrow('invalid digest');
    expect(() => parseDigest(`sha256:${'A'.repeat(64)}`)).toThrow('invalid digest');
    expect(() => verifyDigest(Buffer.from('y'), digest, 'it')).toThrow('does not match');
    verifyDigest(Buffer.from('x'), digest, 'it');
  });

  it('chains diff IDs as image-spec says', () => {
    const b = sha256('b');
    expect(chainIds([])).toEqual([]);
    expect(chainIds([digest, b])).toEqual([digest, sha256(`${digest} ${b}`)]);
  });
});

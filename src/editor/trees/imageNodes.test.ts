import { describe, expect, it } from 'vitest';
import type { ImageSummary } from '../../images/types.ts';
import { OCI_MANIFEST } from '../../oci/mediaTypes.ts';
import { sha256 } from '../../oci/digest.ts';
import {
  familiarTag,
  imageChildren,
  imageHandle,
  imageLabel,
  isImagesNode,
  layerLabel,
  layerNodes,
  nodeId,
  parentNode,
} from './imageNodes.ts';
import type { ImageNode, ImagesNode } from './imageNodes.ts';

function image(change: Partial<ImageSummary> = {}): ImageSummary {
  const layer = (name: string) => ({
    digest: sha256(name),
    diffId: sha256(`${name} unpacked`),
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    compressedSize: 10,
    size: 20,
  });
  return {
    id: sha256('config'),
    manifest: { mediaType: OCI_MANIFEST, digest: sha256('manifest'), size: 1 },
    manifestDigest: sha256('manifest'),
    tags: ['docker.io/library/alpine:latest'],
    repoDigests: [`docker.io/library/alpine@${sha256('index')}`],
    platform: { os: 'linux', architecture: 'amd64' },
    size: 40,
    compressedSize: 20,
    labels: {},
    // The same layer twice: images have that.
    layers: [layer('a'), layer('b'), layer('a')],
    ...change,
  };
}

function row(change: Partial<ImageSummary> = {}): ImageNode {
  return { kind: 'image', image: image(change) };
}

/** All rows under an image. */
function rows(one: ImageSummary): readonly ImagesNode[] {
  const row: ImageNode = { kind: 'image', image: one };
  return [row, ...imageChildren(row), ...layerNodes(row)];
}

describe('rows of an image', () => {
  it('show tags only where there are several', () => {
    expect(imageChildren(row()).map(({ kind }) => kind)).toEqual(['fact', 'fact', 'fact', 'layers']);
    const tags = ['docker.io/library/a:1', 'docker.io/library/a:2'];
    expect(imageChildren(row({ tags })).filter(({ kind }) => kind === 'tag')).toHaveLength(2);
  });

  it('have ids that differ from each other and outlive a refresh', () => {
    const ids = rows(image({ tags: ['x/a:1', 'x/a:2'] })).map(nodeId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(rows(image({ tags: ['x/a:1', 'x/a:2'] })).map(nodeId)).toEqual(ids);
  });

  it('know their parents', () => {
    const [top, ...below] = rows(image());
    expect(top && parentNode(top)).toBeUndefined();
    for (const node of below) {
      const parent = parentNode(node);
      expect(parent?.kind).toBe(node.kind === 'layer' ? 'layers' : 'image');
    }
  });

  it('list the newest layer first', () => {
    expect(layerNodes(row()).map(({ index }) => index)).toEqual([2, 1, 0]);
  });
});

describe('what an image is called', () => {
  it('is its tag as Docker shortens it', () => {
    expect(imageLabel(image())).toBe('alpine:latest');
    expect(imageHandle(image())).toBe('docker.io/library/alpine:latest');
    expect(familiarTag('not a name')).toBe('not a name');
  });

  it('is <none> without a tag, with the repository where that is known', () => {
    expect(imageLabel(image({ tags: [] }))).toBe('alpine:<none>');
    expect(imageLabel(image({ tags: [], repoDigests: [] }))).toBe('<none>');
    expect(imageHandle(image({ tags: [] }))).toMatch(/^[a-f0-9]{64}$/);
  });
});

it('names a layer by what made it', () => {
  const [layer] = image().layers;
  if (layer === undefined) throw new Error('no layer');
  expect(layerLabel(layer)).toBeUndefined();
  expect(layerLabel({ ...layer, createdBy: '/bin/sh -c apk add git' })).toBe('RUN apk add git');
});

it('takes only rows for rows', () => {
  expect(isImagesNode({ kind: 'layers', row: row(), image: image() })).toBe(true);
  expect([undefined, null, 'image', {}, { kind: 'uri' }].some(isImagesNode)).toBe(false);
});

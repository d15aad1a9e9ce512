import { describe, expect, it } from 'vitest';
import { StrataError } from '../../base/errors.ts';
import type { ImageInspect, ImageSummary } from '../../images/types.ts';
import { sha256 } from '../../oci/digest.ts';
import { buildImageView } from './imageView.ts';
import { loadState } from './loadState.ts';

const id = sha256('config');

const summary: ImageSummary = {
  id,
  manifest: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: sha256('manifest'), size: 10 },
  manifestDigest: sha256('manifest'),
  tags: ['docker.io/library/demo:1'],
  repoDigests: [],
  created: '2026-01-02T03:04:05Z',
  platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
  size: 300,
  compressedSize: 100,
  labels: {},
  layers: [
    { digest: sha256('blob'), diffId: sha256('layer'), mediaType: 'x', compressedSize: 100, size: 300 },
  ],
};

function inspectWith(config: unknown): ImageInspect {
  return {
    Id: id,
    RepoTags: ['demo:1'],
    RepoDigests: [],
    Parent: '',
    Comment: '',
    Created: '2026-01-02T03:04:05Z',
    Container: '',
    ContainerConfig: null,
    DockerVersion: '',
    Author: 'me',
    Config: config,
    Architecture: 'arm64',
    Os: 'linux',
    Size: 300,
    VirtualSize: 300,
    GraphDriver: { Data: null, Name: 'strata' },
    RootFS: { Type: 'layers' },
    Metadata: { LastTagTime: '' },
  };
}

describe('buildImageView', () => {
  it('reads a configuration', () => {
    const { config, platform, author, names } = buildImageView(
      summary,
      [],
      inspectWith({
        Entrypoint: ['/entry'],
        Cmd: null,
        Env: ['PATH=/bin:/usr/bin', 'EQ=a=b', 'BARE'],
        ExposedPorts: { '80/tcp': {} },
        Volumes: { '/data': {} },
        Labels: { a: 'b', odd: 5 },
        Healthcheck: { Test: ['CMD', 'true'] },
        User: 'nobody',
      }),
    );
    expect({ platform, author, names }).toEqual({
      platform: 'linux/arm64/v8',
      author: 'me',
      names: ['demo:1'],
    });
    expect(config).toMatchObject({
      entrypoint: ['/entry'],
      cmd: [],
      user: 'nobody',
      workingDir: '',
      ports: ['80/tcp'],
      volumes: ['/data'],
      healthcheck: ['CMD', 'true'],
      env: [
        { name: 'PATH', value: '/bin:/usr/bin' },
        { name: 'EQ', value: 'a=b' },
        { name: 'BARE', value: '' },
      ],
      labels: [
        { name: 'a', value: 'b' },
        { name: 'odd', value: '' },
      ],
    });
  });

  it.each([null, undefined, 7, [], { Env: 'one', Cmd: [1, null, 'x'], Labels: [], ExposedPorts: 'all' }])(
    'survives a configuration that is %j',
    (config) => {
      expect(() => buildImageView(summary, [], inspectWith(config))).not.toThrow();
    },
  );

  it('takes Go zero time for no time', () => {
    const view = buildImageView({ ...summary, created: '0001-01-01T00:00:00Z' }, [], inspectWith({}));
    expect(view.created).toBeUndefined();
  });

  it('prints the JSON as the terminal does', () => {
    const { inspect } = buildImageView(summary, [], inspectWith({}));
    expect(inspect.startsWith(`[\n    {\n        "Id": "${id}"`)).toBe(true);
  });
});

describe('loadState', () => {
  const describeError = (): string => 'in words';
  const missing = (name: string): Promise<never> =>
    Promise.reject(new StrataError('image-not-found', { name }));
  const whole = {
    find: () => Promise.resolve(summary),
    history: () => Promise.resolve([]),
    inspect: () => Promise.resolve(inspectWith({})),
  };

  it('shows the image', async () => {
    const state = await loadState(
      { app: whole, describe: describeError },
      { imageId: id, name: 'demo:1' },
      false,
    );
    expect(state).toMatchObject({ kind: 'image', nameMoved: false, image: { id } });
  });

  it('says when the name has moved to another image', async () => {
    const app = {
      ...whole,
      find: (name: string) => Promise.resolve(name === id ? summary : { ...summary, id: sha256('other') }),
    };
    const state = await loadState({ app, describe: describeError }, { imageId: id, name: 'demo:2' }, false);
    expect(state).toMatchObject({ kind: 'image', nameMoved: true });
  });

  it('says when the image is gone, and whether its name lives on', async () => {
    const gone = { ...whole, find: missing };
    const target = { imageId: id, name: 'demo:1' };
    expect(await loadState({ app: gone, describe: describeError }, target, true)).toEqual({
      kind: 'gone',
      target,
      nameMoved: false,
      pulling: true,
    });
    const moved = {
      ...whole,
      find: (name: string) =>
        name === id ? missing(name) : Promise.resolve({ ...summary, id: sha256('b') }),
    };
    expect(await loadState({ app: moved, describe: describeError }, target, false)).toMatchObject({
      kind: 'gone',
      nameMoved: true,
    });
  });

  it('turns any other failure into words', async () => {
    const app = {
      ...whole,
      inspect: () => Promise.reject(new StrataError('blob-missing', { digest: id })),
    };
    expect(await loadState({ app, describe: describeError }, { imageId: id }, false)).toEqual({
      kind: 'failed',
      target: { imageId: id },
      error: { code: 'blob-missing', message: 'in words' },
      pulling: false,
    });
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import { buildAttestation, buildImage, buildIndex } from '../support/images.ts';
import type { ImageSpec } from '../support/images.ts';
import { pushImage } from '../support/pushImage.ts';
import { REAL_PARTS } from '../support/realParts.ts';
import { startRegistry } from '../support/registry/index.ts';
import { runOk } from '../support/run.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/** That our images and our registry are what real tools take them for: else the tests on them would prove nothing. */

const skopeo = (...args: string[]): Promise<string> => runOk(REAL_PARTS.skopeo.path, args);

const spec = (mediaTypes: 'oci' | 'docker', architecture = 'amd64'): ImageSpec => ({
  mediaTypes,
  platform: { os: 'linux', architecture },
  config: { Labels: { made: 'in code' }, Env: ['A=b'] },
  layers: [
    { entries: [{ path: 'etc/' }, { path: 'etc/motd', content: 'old' }], createdBy: 'COPY etc /etc' },
    { empty: true, createdBy: 'ENV A=b' },
    {
      entries: [{ path: 'etc/.wh.motd' }, { path: 'etc/issue', content: architecture }],
      compression: mediaTypes === 'oci' ? 'zstd' : 'gzip',
    },
    { entries: [{ path: 'plain', content: 'not compressed' }], compression: 'none' },
  ],
});

describe.each([
  ['our registry', startRegistry],
  ["Debian's docker-registry", startDockerRegistry],
])('with %s', (_, start) => {
  let registry: Awaited<ReturnType<typeof start>>;
  let folder: TempFolder;
  beforeAll(async () => {
    [registry, folder] = await Promise.all([start(), tempFolder()]);
  });
  afterAll(() => Promise.all([registry.close(), folder.remove()]));

  it.each(['oci', 'docker'] as const)(
    'skopeo inspects and umoci unpacks an image of %s',
    async (mediaTypes) => {
      const image = buildImage(spec(mediaTypes));
      await pushImage(registry.url, `images/${mediaTypes}`, 'latest', image);
      const source = `docker://${registry.host}/images/${mediaTypes}:latest`;
      const inspected = JSON.parse(await skopeo('inspect', '--tls-verify=false', source)) as Record<
        string,
        unknown
      >;
      expect(inspected).toMatchObject({
        Digest: image.manifest.descriptor.digest,
        Labels: { made: 'in code' },
        Architecture: 'amd64',
        Env: ['A=b'],
        Layers: image.layers.map(({ descriptor }) => descriptor.digest),
      });
      // umoci reads no zstd: skopeo unpacks the layers on the way, which it does into a plain folder only.
      const [plain, layout] = [
        `dir:${join(folder.path, `${mediaTypes}-plain`)}`,
        join(folder.path, mediaTypes),
      ];
      await skopeo('copy', '--src-tls-verify=false', '--dest-decompress', source, plain);
      await skopeo('copy', '--format', 'oci', plain, `oci:${layout}:latest`);
      const bundle = join(folder.path, `${mediaTypes}-bundle`);
      await runOk(REAL_PARTS.umoci.path, ['unpack', '--rootless', '--image', `${layout}:latest`, bundle]);
      expect(await readFile(join(bundle, 'rootfs/etc/issue'), 'utf8')).toBe('amd64');
      expect(await readFile(join(bundle, 'rootfs/plain'), 'utf8')).toBe('not compressed');
      await expect(readFile(join(bundle, 'rootfs/etc/motd'))).rejects.toThrow('ENOENT');
    },
  );

  it('skopeo copies an index with all its platforms, and brings it back the same', async () => {
    const amd64 = buildImage(spec('oci'));
    const index = buildIndex([amd64, buildImage(spec('oci', 'arm64')), buildAttestation(amd64)]);
    await pushImage(registry.url, 'images/index', 'latest', index);
    const source = `docker://${registry.host}/images/index:latest`;
    const target = `docker://${registry.host}/images/copied:again`;
    const layout = `oci:${join(folder.path, 'index')}:latest`;
    const plain = ['--all', '--preserve-digests', '--src-tls-verify=false', '--dest-tls-verify=false'];
    await skopeo('copy', ...plain, source, layout);
    await skopeo('copy', ...plain, layout, target);
    const raw = await skopeo('inspect', '--raw', '--tls-verify=false', target);
    expect(raw).toBe(index.index.bytes.toString());
    const arm64 = ['--override-arch', 'arm64', 'inspect', '--config', '--tls-verify=false', target];
    expect(JSON.parse(await skopeo(...arm64))).toMatchObject({ architecture: 'arm64' });
  });
});

import { describe, expect, it } from 'vitest';
import { sha256 } from '../../oci/digest.ts';
import type { RemoteManifest } from '../../images/remoteTypes.ts';
import {
  isRegistriesNode,
  registriesNodeId,
  registriesParent,
  registryOf,
  repositoriesOf,
  repositoryLabel,
  repositoryNodes,
  tagChildren,
  tagName,
} from './registryNodes.ts';
import type { RegistriesNode, RegistryNode, RemoteTagNode } from './registryNodes.ts';

const hub: RegistryNode = { kind: 'registry', host: 'docker.io' };
const digest = (text: string): RemoteManifest['digest'] => sha256(Buffer.from(text));

function tagNode(): RemoteTagNode {
  const [repository] = repositoryNodes(hub, ['docker.io/library/alpine'], [], []);
  if (repository === undefined) throw new Error('no repository');
  return { kind: 'remoteTag', repository, tag: { name: '3.20' }, isHere: false };
}

describe('repositories of a registry', () => {
  it('are those it lists, those kept and those of local images, each once, by their names', () => {
    const rows = repositoryNodes(
      hub,
      ['docker.io/library/redis', 'docker.io/team/app'],
      ['docker.io/library/alpine', 'ghcr.io/other/one'],
      ['docker.io/library/redis', 'localhost:5000/own'],
    );
    expect(rows.map(({ name, pinned }) => [name, pinned])).toEqual([
      ['docker.io/library/alpine', true],
      ['docker.io/library/redis', false],
      ['docker.io/team/app', false],
    ]);
  });

  it('do not mix hosts that begin alike', () => {
    const registry: RegistryNode = { kind: 'registry', host: 'ghcr.io' };
    expect(repositoryNodes(registry, ['ghcr.io.example/a'], [], [])).toEqual([]);
  });

  it('are read without their host', () => {
    expect(repositoryLabel('docker.io/library/alpine')).toBe('alpine');
    expect(repositoryLabel('docker.io/team/app')).toBe('team/app');
    expect(repositoryLabel('localhost:5000/team/app')).toBe('team/app');
  });

  it('come from names with tag or digest', () => {
    const names = ['alpine', 'docker.io/library/alpine:3', `ghcr.io/a/b@${digest('x')}`, 'NOT A NAME'];
    expect(repositoriesOf(names)).toEqual(['docker.io/library/alpine', 'ghcr.io/a/b']);
  });
});

describe('what stands under a tag', () => {
  const image = {
    digest: digest('index'),
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      { digest: digest('amd64'), size: 10, platform: { os: 'linux', architecture: 'amd64' } },
      { digest: digest('arm64'), size: 11, platform: { os: 'linux', architecture: 'arm64' } },
      { digest: digest('proof'), size: 12, attestationOf: digest('arm64') },
      { digest: digest('lost'), size: 13, attestationOf: digest('elsewhere') },
    ],
    referrers: [{ digest: digest('sbom'), artifactType: 'application/spdx+json', size: 14, annotations: {} }],
  };

  it('is a row for each platform with its attestations, and what refers to it', () => {
    const rows = tagChildren(tagNode(), image);
    expect(
      rows.map((row) =>
        row.kind === 'manifest'
          ? [row.manifest.digest, row.attestations.map((one) => one.digest)]
          : row.referrer.digest,
      ),
    ).toEqual([
      [digest('amd64'), []],
      [digest('arm64'), [digest('proof')]],
      [digest('lost'), []],
      digest('sbom'),
    ]);
  });

  it('has ids of its own, and a way back to the registry', () => {
    const tag = tagNode();
    const rows: RegistriesNode[] = [hub, tag.repository, tag, ...tagChildren(tag, image)];
    expect(new Set(rows.map(registriesNodeId)).size).toBe(rows.length);
    for (const row of rows) expect(registryOf(row)).toBe(hub);
    expect(registriesParent(tag)).toBe(tag.repository);
    expect(tagName(tag)).toBe('docker.io/library/alpine:3.20');
  });
});

it('takes only its own rows for such', () => {
  expect(isRegistriesNode(hub)).toBe(true);
  for (const other of [undefined, 'registry', {}, { kind: 'image' }])
    expect(isRegistriesNode(other)).toBe(false);
});

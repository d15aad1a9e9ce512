import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { App } from '../../src/app/index.ts';
import { hostPlatform } from '../../src/oci/platform.ts';
import { createTestApp } from '../support/app.ts';
import { strata } from '../support/cli.ts';
import { debianRoot } from '../support/debianRoot.ts';
import { startDockerd } from '../support/dockerd.ts';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import type { DockerRegistry } from '../support/dockerRegistry.ts';
import { buildImage, buildIndex } from '../support/images.ts';
import { pushImage } from '../support/pushImage.ts';
import { REAL_PARTS } from '../support/realParts.ts';
import { run, runOk } from '../support/run.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';

/** Images made and pushed by skopeo and umoci, pulled by us from Debian's docker-registry, and our store read back by both. */

let registry: DockerRegistry;
let folder: TempFolder;
let root: string;
let app: App;

beforeAll(async () => {
  [registry, folder] = await Promise.all([startDockerRegistry(), tempFolder()]);
  root = join(folder.path, 'store');
  app = createTestApp({ root });
});
afterAll(async () => {
  await app.close();
  await registry.close();
  await folder.remove();
});

const skopeo = (...args: string[]): Promise<string> =>
  runOk(REAL_PARTS.skopeo.path, args, { timeout: 120_000 });
const umoci = (...args: string[]): Promise<string> =>
  runOk(REAL_PARTS.umoci.path, args, { timeout: 120_000 });

/** Copies between any two places that skopeo knows; docker://127.0.0.1 speaks plain HTTP. */
async function copy(from: string, to: string, ...options: string[]): Promise<void> {
  await skopeo('copy', '--quiet', '--src-tls-verify=false', '--dest-tls-verify=false', ...options, from, to);
}

const rawManifest = (name: string): Promise<string> => skopeo('inspect', '--raw', '--tls-verify=false', name);

/** A tree with what trees have, in `path`. */
async function makeTree(path: string): Promise<void> {
  await mkdir(join(path, 'etc/empty'), { recursive: true });
  await writeFile(join(path, 'etc/motd'), 'hello\n');
  await writeFile(join(path, 'etc/secret'), 'x', { mode: 0o600 });
  await symlink('motd', join(path, 'etc/link'));
  await link(join(path, 'etc/motd'), join(path, 'etc/hard'));
  await mkdir(join(path, 'usr/share/名前'), { recursive: true });
  await writeFile(join(path, 'usr/share/名前/file'), Buffer.alloc(70_000, 'content'));
}

/** What can be told of every path under a folder. */
function describeTree(path: string, at = ''): string[] {
  const stats = lstatSync(join(path, at));
  const what = `${at} ${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid}`;
  if (stats.isSymbolicLink()) return [`${what} -> ${readlinkSync(join(path, at))}`];
  if (stats.isFile()) return [`${what} ${readFileSync(join(path, at)).toString('base64')}`];
  return [
    what,
    ...readdirSync(join(path, at))
      .sort()
      .flatMap((name) => describeTree(path, `${at}/${name}`)),
  ];
}

/** An image that umoci made of a tree in two steps, in a layout of its own. @returns the layout's reference */
async function makeWithUmoci(name: string): Promise<{ reference: string; tree: string }> {
  const layout = join(folder.path, `layout-${name}`);
  const bundle = join(folder.path, `bundle-${name}`);
  const reference = `${layout}:made`;
  await umoci('init', '--layout', layout);
  await umoci('new', '--image', reference);
  await umoci('unpack', '--image', reference, bundle);
  const tree = join(bundle, 'rootfs');
  await makeTree(tree);
  // Each image's own, so that skopeo cannot do with a blob that it knows in another compression.
  await writeFile(join(tree, 'etc/made'), name);
  const step = (text: string): string[] => [
    '--history.created_by',
    `${text} ${name}`,
    '--image',
    reference,
    bundle,
  ];
  await umoci('repack', '--refresh-bundle', ...step('first step'));
  await writeFile(join(tree, 'etc/motd'), 'hello again\n');
  await writeFile(join(tree, 'etc/second'), `of the second layer of ${name}`);
  await umoci('repack', ...step('second step'));
  await umoci('config', '--config.cmd', '/bin/true', '--config.label', 'made=umoci', '--image', reference);
  return { reference, tree };
}

describe('an image made by umoci and pushed by skopeo', () => {
  it.each([
    ['gzip', 'application/vnd.oci.image.layer.v1.tar+gzip'],
    ['zstd', 'application/vnd.oci.image.layer.v1.tar+zstd'],
    ['none', 'application/vnd.oci.image.layer.v1.tar'],
  ])('%s layers: pulled, and read back by skopeo and umoci', async (compression, mediaType) => {
    const { reference, tree } = await makeWithUmoci(compression);
    const name = `${registry.host}/umoci/${compression}:1`;
    const plain = join(folder.path, `dir-${compression}`);
    // From a folder of plain layers, so that they are compressed on the way to the registry.
    await copy(`oci:${reference}`, `dir:${plain}`, '--dest-decompress');
    if (compression === 'none') {
      const accept = '--dest-oci-accept-uncompressed-layers';
      await copy(`dir:${plain}`, `oci:${plain}-oci:x`, accept, '--dest-decompress');
      await copy(`oci:${plain}-oci:x`, `docker://${name}`, '--preserve-digests');
    } else {
      await copy(`dir:${plain}`, `docker://${name}`, '--dest-compress-format', compression);
    }
    const result = await app.pull({ name });
    expect((await app.find(name)).layers.map((layer) => layer.mediaType)).toEqual([mediaType, mediaType]);

    const ours = `oci:${root}:${name}`;
    const pushed = await rawManifest(`docker://${name}`);
    expect(await rawManifest(ours)).toBe(pushed);
    const inspected = JSON.parse(await skopeo('inspect', ours)) as { Digest: string };
    expect(inspected.Digest).toBe(result.digest);
    expect(JSON.parse(await skopeo('inspect', '--config', ours))).toMatchObject({
      config: { Cmd: ['/bin/true'], Labels: { made: 'umoci' } },
    });
    const history = await app.history(name);
    const steps = history.map(({ createdBy }) => createdBy);
    expect(steps).toEqual(
      expect.arrayContaining([`first step ${compression}`, `second step ${compression}`]),
    );

    // To another registry and into a folder: what skopeo verifies on the way has the same digest there.
    const elsewhere = `docker://${registry.host}/copied/${compression}:1`;
    await copy(ours, elsewhere, '--preserve-digests');
    expect(await rawManifest(elsewhere)).toBe(pushed);
    await copy(ours, `dir:${plain}-back`);

    expect(await umoci('ls', '--layout', root)).toContain(`${name}\n`);
    const bundle = join(folder.path, `back-${compression}`);
    const unpacked = await run(REAL_PARTS.umoci.path, ['unpack', '--image', `${root}:${name}`, bundle]);
    // umoci knows no zstd: README.
    if (compression === 'zstd') expect(unpacked.code).not.toBe(0);
    else expect(describeTree(join(bundle, 'rootfs'))).toEqual(describeTree(tree));
  });

  it("Docker's media types: listed in image-spec's, so that others find the image; the registry's manifest stays", async () => {
    const { reference } = await makeWithUmoci('docker');
    const name = `${registry.host}/umoci/docker:1`;
    await copy(`oci:${reference}`, `docker://${name}`, '--format', 'v2s2');
    const { digest, imageId } = await app.pull({ name });
    const image = await app.find(name);
    expect(image).toMatchObject({ id: imageId, manifestDigest: digest, layers: [{}, {}] });
    expect(await rawManifest(`docker://${name}`)).toBe(
      (await (await app.store()).readBlob(digest, 10_000)).toString(),
    );
    const shown = await runOk(REAL_PARTS.skopeo.path, ['inspect', `oci:${root}:${name}`]);
    expect(JSON.parse(shown)).toMatchObject({ Digest: image.manifest.digest });
    expect(await umoci('stat', '--image', `${root}:${name}`)).toContain('LAYER');
    const bundle = join(folder.path, 'back-docker');
    await umoci('unpack', '--image', `${root}:${name}`, bundle);
    expect((await app.pull({ name })).newer).toBe(false);
  });

  it("umoci's gc and stat take the store as any layout, and leave our folder alone", async () => {
    const store = join(folder.path, 'collected');
    const collected = createTestApp({ root: store });
    const { reference } = await makeWithUmoci('gc');
    const name = `${registry.host}/gc/image`;
    await copy(`oci:${reference}`, `docker://${name}:1`);
    await collected.pull({ name: `${name}:1` });
    await collected.pull({ name: `${name}@${(await collected.find(`${name}:1`)).manifest.digest}` });
    const before = readdirSync(store, { recursive: true }).sort();
    const gc = await run(REAL_PARTS.umoci.path, ['gc', '--layout', store]);
    expect(gc).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(store, { recursive: true }).sort()).toEqual(before);
    const stat = await umoci('stat', '--json', '--image', `${store}:${name}:1`);
    const { history } = JSON.parse(stat) as { history: { created_by: string }[] };
    const steps = history.map((row) => row.created_by);
    expect(steps).toEqual(expect.arrayContaining(['first step gc', 'second step gc']));
    await collected.close();
  });

  it("umoci's gc takes of Docker's media types no more than the registry's manifest; the next pull brings it back", async () => {
    const store = join(folder.path, 'collected-docker');
    const collected = createTestApp({ root: store });
    const { reference } = await makeWithUmoci('gc-docker');
    const name = `${registry.host}/gc/docker:1`;
    await copy(`oci:${reference}`, `docker://${name}`, '--format', 'v2s2');
    const { digest } = await collected.pull({ name });
    const blobs = (): string[] => readdirSync(join(store, 'blobs/sha256')).sort();
    const before = blobs();
    await umoci('gc', '--layout', store);
    expect(blobs()).toEqual(before.filter((blob) => !digest.endsWith(blob)));
    expect(await collected.list()).toHaveLength(1);
    await collected.pull({ name });
    expect(blobs()).toEqual(before);
    await collected.remove(name);
    expect(blobs()).toEqual([]);
    await collected.close();
  });
});

describe('what other tools write into the store', () => {
  it('an image that skopeo copied there is listed, and can be removed without the others', async () => {
    const store = join(folder.path, 'shared');
    const shared = createTestApp({ root: store });
    const image = buildImage({ layers: [{ entries: [{ path: 'a', content: 'from skopeo' }] }] });
    const name = `${registry.host}/by/skopeo`;
    await pushImage(registry.url, 'by/skopeo', 'latest', image);
    const pulled = buildImage({ layers: [{ entries: [{ path: 'a', content: 'by ourselves' }] }] });
    await pushImage(registry.url, 'by/us', 'latest', pulled);
    await shared.pull({ name: `${registry.host}/by/us` });
    await copy(`docker://${name}:latest`, `oci:${store}:foo`);
    const { stdout } = await strata(['images'], { root: store });
    const id = image.config.descriptor.digest.slice(7, 19);
    expect(stdout.split('\n').find((line) => line.startsWith('foo '))).toMatch(
      new RegExp(`^foo +latest +${id} +`),
    );
    expect(await shared.list()).toHaveLength(2);
    expect((await strata(['history', 'foo'], { root: store })).code).toBe(0);
    const removed = await strata(['rmi', 'foo'], { root: store });
    expect(removed).toMatchObject({ code: 0, stderr: '' });
    expect(removed.stdout).toContain('Untagged: foo:latest\n');
    expect((await shared.list()).map((each) => each.id)).toEqual([pulled.config.descriptor.digest]);
    const left = await skopeo('inspect', '--raw', `oci:${store}:${registry.host}/by/us:latest`);
    expect(left).toBe(pulled.manifest.bytes.toString());
    await shared.close();
  });

  it('an index with three platforms that skopeo copied whole shows the one of this machine', async () => {
    const store = join(folder.path, 'whole-index');
    const { architecture } = hostPlatform();
    const images = ['s390x', architecture, 'mips64le'].map((each) =>
      buildImage({
        platform: { os: 'linux', architecture: each },
        layers: [{ entries: [{ path: 'arch', content: each }] }],
      }),
    );
    await pushImage(registry.url, 'whole/index', 'latest', buildIndex(images));
    const writer = createTestApp({ root: store });
    expect(await writer.list()).toEqual([]);
    await copy(`docker://${registry.host}/whole/index:latest`, `oci:${store}:whole/index:1`, '--all');
    expect(await writer.list()).toMatchObject([
      { id: images[1]?.config.descriptor.digest, tags: ['docker.io/whole/index:1'] },
    ]);
    // skopeo finds all three still, and a pull over it sees what is there.
    await skopeo('--override-arch', 's390x', 'inspect', `oci:${store}:whole/index:1`);
    await writer.pull({ name: `${registry.host}/whole/index` });
    expect(await writer.list()).toMatchObject([
      { tags: [`${registry.host}/whole/index:latest`, 'docker.io/whole/index:1'].sort() },
    ]);
    await writer.close();
  });
});

/** Grammars of containers/image and umoci for the part of a layout's reference after the path: the README lists what they refuse. */
describe('names', () => {
  const digits = '1.0';
  it.each([
    ['docker.io/library/x:latest', true],
    ['localhost:5000/a/b:1.0-rc_1', true],
    ['ghcr.io/a/b_c:UPPER', true],
    ['quay.io/a--b/c.d:1', true],
    [`ghcr.io/a/b__c:${digits}`, false],
    ['[::1]:5000/a:b', false],
    ['docker.io/a/b:_x', false],
    ['docker.io/a/b:1..2', false],
    ['docker.io/a/b:a__b', false],
    ['docker.io/a/b:end-', false],
    ['docker.io/a/b:end.', false],
  ])('%s: skopeo and umoci take it: %s', async (name, taken) => {
    const store = await createTestApp({ root: join(folder.path, 'names') }).store();
    const image = buildImage({ layers: [] });
    for (const { bytes } of [image.manifest, image.config]) await store.writeBlob(bytes);
    const { descriptor } = image.manifest;
    await store.update(() => [
      { name, manifest: descriptor, config: image.config.descriptor.digest, repoDigests: [] },
    ]);
    const bySkopeo = await run(REAL_PARTS.skopeo.path, ['inspect', '--raw', `oci:${store.root}:${name}`]);
    const byUmoci = await run(REAL_PARTS.umoci.path, ['stat', '--image', `${store.root}:${name}`]);
    expect([bySkopeo.code === 0, byUmoci.code === 0]).toEqual([taken, taken]);
    // A name that they refuse hinders none of the others, and is ours all the same.
    expect(await umoci('ls', '--layout', store.root)).toContain(name);
    const { stdout } = await strata(['images', '--no-trunc', '-q'], { root: store.root });
    expect(stdout).toBe(`${image.config.descriptor.digest}\n`);
    await store.close();
  });
});

describe('a real Debian', () => {
  it('in two layers has the image ID and the size that docker gives it, and unpacks to the same tree', async () => {
    const tar = await debianRoot();
    const layout = join(folder.path, 'debian');
    const bundle = join(folder.path, 'debian-bundle');
    const reference = `${layout}:bookworm`;
    await umoci('init', '--layout', layout);
    await umoci('new', '--image', reference);
    await umoci('unpack', '--image', reference, bundle);
    const tree = join(bundle, 'rootfs');
    await runOk('tar', ['--numeric-owner', '--xattrs', '--xattrs-include=*', '-xpf', tar, '-C', tree]);
    await umoci('repack', '--refresh-bundle', '--image', reference, bundle);
    await runOk('rm', ['-r', join(tree, 'usr/share/doc')]);
    await writeFile(join(tree, 'etc/hostname'), 'second-layer\n');
    await mkdir(join(tree, 'opt/tools'));
    await runOk('cp', ['-a', join(tree, 'usr/bin/perl'), join(tree, 'opt/tools/')]);
    await umoci('repack', '--image', reference, bundle);
    // An age that is the same for both, whoever prints it first.
    await umoci('config', '--no-history', '--created', '2024-01-01T00:00:00Z', '--image', reference);
    const name = `${registry.host}/debian/bookworm:12`;
    await copy(`oci:${reference}`, `docker://${name}`);

    const dockerd = await startDockerd();
    try {
      const [pulled, theirs] = await Promise.all([
        strata(['pull', name], { root, timeout: 120_000 }),
        dockerd.docker('pull', name),
      ]);
      expect(pulled).toMatchObject({ code: 0, stderr: '' });
      expect(theirs).toMatchObject({ code: 0 });
      const format = '{{.Id}} {{.Size}}';
      const { stdout } = await dockerd.docker('image', 'inspect', '--format', format, name);
      const image = await app.find(name);
      expect(`${image.id} ${image.size}\n`).toBe(stdout);
      expect(image.size).toBeGreaterThan(100_000_000);
      const rows = await dockerd.docker('images', '--no-trunc');
      const ours = await strata(['images', '--no-trunc'], { root });
      const [, row] = rows.stdout.split('\n');
      const cells = (line: string | undefined): string[] => (line ?? '').split(/ {2,}/);
      expect(cells(ours.stdout.split('\n').find((line) => line.includes('/debian/bookworm ')))).toEqual(
        cells(row),
      );
      const size = '{{.Size}} {{.CreatedBy}}';
      const history = await dockerd.docker('history', '--human=false', '--no-trunc', '--format', size, name);
      const rowsOfOurs = (await app.history(name)).map((each) => `${each.size} ${each.createdBy}\n`);
      expect(rowsOfOurs.join('')).toBe(history.stdout);
    } finally {
      await dockerd.close();
    }
    const back = join(folder.path, 'debian-back');
    await umoci('unpack', '--image', `${root}:${name}`, back);
    const difference = await run('diff', ['-r', '--no-dereference', tree, join(back, 'rootfs')]);
    expect(difference).toMatchObject({ code: 0, stdout: '' });
  });
});

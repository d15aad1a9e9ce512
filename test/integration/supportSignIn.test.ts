import { writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import { buildImage } from '../support/images.ts';
import { pushImage } from '../support/pushImage.ts';
import { REAL_PARTS } from '../support/realParts.ts';
import { startRegistry } from '../support/registry/index.ts';
import { run } from '../support/run.ts';
import type { RunResult } from '../support/run.ts';
import { tempFolder } from '../support/tempFolder.ts';

/** That a real client finds its way through the sign-ins of our registry and of Debian's. */

const image = buildImage({ layers: [{ entries: [{ path: 'a', content: 'a' }] }] });
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

async function inspect(host: string, ...credentials: string[]): Promise<RunResult> {
  const name = `docker://${host}/private/image:latest`;
  return await run(REAL_PARTS.skopeo.path, ['inspect', '--raw', '--tls-verify=false', ...credentials, name]);
}

it('skopeo fetches tokens of our token service, as a user and as anyone', async () => {
  const registry = await startRegistry();
  cleanups.push(() => registry.close());
  await pushImage(registry.url, 'private/image', 'latest', image);
  const tokens = await registry.requireTokens({ users: { alice: 'secret' } });
  expect(await inspect(registry.host, '--no-creds')).toMatchObject({ code: 0 });
  const signedIn = await inspect(registry.host, '--creds', 'alice:secret');
  expect(signedIn).toMatchObject({ code: 0, stdout: image.manifest.bytes.toString() });
  expect(tokens.issued.get).toBe(2);
  expect((await inspect(registry.host, '--creds', 'alice:wrong')).code).not.toBe(0);
  expect(tokens.issued.get).toBe(2);
});

it('skopeo presents an identity token by OAuth2', async () => {
  const registry = await startRegistry();
  const folder = await tempFolder();
  cleanups.push(
    () => registry.close(),
    () => folder.remove(),
  );
  await pushImage(registry.url, 'private/image', 'latest', image);
  const allows = (user?: string): boolean => user === 'alice';
  const tokens = await registry.requireTokens({ identityTokens: { known: 'alice' }, allows });
  expect((await inspect(registry.host, '--no-creds')).code).not.toBe(0);
  const authFile = `${folder.path}/auth.json`;

  const entry = {
    auth: Buffer.from('00000000-0000-0000-0000-000000000000:').toString('base64'),
    identitytoken: 'known',
  };
  await writeFile(authFile, JSON.stringify({ auths: { [registry.host]: entry } }));
  expect(await inspect(registry.host, '--authfile', authFile)).toMatchObject({ code: 0, stderr: '' });
  expect(tokens.issued.post).toBe(1);
});

it.each(['ours', "Debian's"])('skopeo signs in with Basic at %s', async (which) => {
  const users = { alice: 'secret' };
  const registry = which === 'ours' ? await startRegistry() : await startDockerRegistry({ users });
  cleanups.push(() => registry.close());
  if ('requireBasic' in registry) registry.requireBasic(users);
  const authorization = `Basic ${Buffer.from('alice:secret').toString('base64')}`;
  await pushImage(registry.url, 'private/image', 'latest', image, { authorization });
  expect(await inspect(registry.host, '--creds', 'alice:secret')).toMatchObject({ code: 0 });
  expect((await inspect(registry.host, '--creds', 'alice:wrong')).code).not.toBe(0);
  expect((await inspect(registry.host, '--no-creds')).code).not.toBe(0);
});

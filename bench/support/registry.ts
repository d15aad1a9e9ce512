import { spawn } from 'node:child_process';
import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { needProgram } from './commands.ts';

export interface BenchRegistry {
  /** `127.0.0.1:PORT`, plain HTTP. */
  readonly host: string;
  /** Ends the server and deletes its storage. */
  stop(): Promise<void>;
}

/** A port of the loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts Debian's docker-registry (distribution 2.8) on the loopback with an empty store of its own. */
export async function startRegistry(): Promise<BenchRegistry> {
  const program = await needProgram('docker-registry', 'docker-registry');
  const folder = await mkdtemp(join(tmpdir(), 'strata-bench-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const settings = join(folder, 'config.yml');
  await writeFile(
    settings,
    [
      'version: 0.1',
      'log: {level: error, accesslog: {disabled: true}}',
      `storage: {filesystem: {rootdirectory: ${join(folder, 'data')}}, delete: {enabled: true}}`,
      `http: {addr: ${host}}`,
      '',
    ].join('\n'),
  );
  const server = spawn(program, ['serve', settings], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      const answer = await fetch(`http://${host}/v2/`);
      if (answer.ok) return { host, stop };
    } catch {
      await sleep(100);
    }
  }
  await stop();
  throw new Error('docker-registry did not answer within ten seconds');
}

interface Pushable {
  readonly blobs: string;
  readonly manifest: { readonly digest: string };
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

/** Uploads every blob (monolithic POST then PUT) and the manifest as `repository:tag`. */
export async function push(host: string, repository: string, tag: string, image: Pushable): Promise<void> {
  const base = `http://${host}/v2/${repository}`;
  const file = (digest: string): Promise<Blob> =>
    openAsBlob(join(image.blobs, digest.slice('sha256:'.length)));
  for (const { digest } of [image.config, ...image.layers]) {
    const opened = await expectStatus(await fetch(`${base}/blobs/uploads/`, { method: 'POST' }), 202);
    const target = new URL(opened.headers.get('location') ?? '', base);
    target.searchParams.set('digest', digest);
    const headers = { 'content-type': 'application/octet-stream' };
    await expectStatus(await fetch(target, { method: 'PUT', headers, body: await file(digest) }), 201);
  }
  const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
  const body = await file(image.manifest.digest);
  await expectStatus(await fetch(`${base}/manifests/${tag}`, { method: 'PUT', headers, body }), 201);
}

async function expectStatus(answer: Response, status: number): Promise<Response> {
  if (answer.status !== status) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
  return answer;
}

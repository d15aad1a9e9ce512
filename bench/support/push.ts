import { openAsBlob } from 'node:fs';
import { join } from 'node:path';

interface Pushable {
  readonly blobs: string;
  readonly manifest: { readonly digest: string };
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

/** Uploads every blob (POST, then one PUT that streams the file) and the manifest as `repository:tag`. */
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

import type { Blob, BuiltImage, BuiltIndex } from './images.ts';

export interface PushOptions {
  /** An Authorization header for every request. */
  readonly authorization?: string;
}

/**
 * Pushes an image or an index with all its images over the distribution API, to any registry.
 * Blobs that the repository has are not sent again.
 * @param registryUrl `http://127.0.0.1:5000`
 * @throws Error with the registry's answer when it refuses.
 */
export async function pushImage(
  registryUrl: string,
  repository: string,
  tag: string,
  image: BuiltImage | BuiltIndex,
  options: PushOptions = {},
): Promise<void> {
  const target = new PushTarget(`${registryUrl}/v2/${repository}`, options);
  if ('manifest' in image) {
    await target.pushContent(image);
    await target.putManifest(tag, image.manifest);
    return;
  }
  for (const child of image.images) {
    await target.pushContent(child);
    await target.putManifest(child.manifest.descriptor.digest, child.manifest);
  }
  await target.putManifest(tag, image.index);
}

class PushTarget {
  readonly #base: string;
  readonly #headers: Record<string, string>;

  constructor(base: string, options: PushOptions) {
    this.#base = base;
    this.#headers = options.authorization === undefined ? {} : { authorization: options.authorization };
  }

  async pushContent(image: BuiltImage): Promise<void> {
    await Promise.all([image.config, ...image.layers].map((blob) => this.#putBlob(blob)));
  }

  async putManifest(reference: string, { descriptor, bytes }: Blob): Promise<void> {
    const headers = { 'content-type': descriptor.mediaType };
    await this.#expect(201, 'PUT', `${this.#base}/manifests/${reference}`, bytes, headers);
  }

  async #putBlob({ descriptor, bytes }: Blob): Promise<void> {
    const found = await this.#send('HEAD', `${this.#base}/blobs/${descriptor.digest}`);
    if (found.ok) return;
    const started = await this.#expect(202, 'POST', `${this.#base}/blobs/uploads/`);
    const location = new URL(started.headers.get('location') ?? '', `${this.#base}/blobs/uploads/`);
    location.searchParams.set('digest', descriptor.digest);
    const headers = { 'content-type': 'application/octet-stream' };
    await this.#expect(201, 'PUT', location.href, bytes, headers);
  }

  async #expect(
    status: number,
    method: string,
    url: string,
    body?: Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const response = await this.#send(method, url, body, headers);
    const text = await response.text();
    if (response.status === status) return response;
    throw new Error(`${method} ${url} was answered ${response.status}: ${text}`);
  }

  async #send(
    method: string,
    url: string,
    body?: Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return await fetch(url, {
      method,
      headers: { ...this.#headers, ...headers },
      ...(body !== undefined && { body }),
    });
  }
}

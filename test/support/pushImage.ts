import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Blob, BuiltImage, BuiltIndex } from './images.ts';

export interface PushOptions {
  /** An Authorization header for every request. */
  readonly authorization?: string;
}

/**
 * Pushes an image or an index with all its images over the distribution API, to any registry on plain HTTP.
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
  try {
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
  } finally {
    target.close();
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

class PushTarget {
  readonly #base: string;
  readonly #headers: Record<string, string>;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(base: string, options: PushOptions) {
    this.#base = base;
    this.#headers = options.authorization === undefined ? {} : { authorization: options.authorization };
  }

  close(): void {
    this.#agent.destroy();
  }

  async pushContent(image: BuiltImage): Promise<void> {
    await Promise.all([image.config, ...image.layers].map((blob) => this.#putBlob(blob)));
  }

  async putManifest(reference: string, { descriptor, bytes }: Blob): Promise<void> {
    await this.#expect(201, 'PUT', `${this.#base}/manifests/${reference}`, bytes, descriptor.mediaType);
  }

  async #putBlob({ descriptor, bytes }: Blob): Promise<void> {
    const found = await this.#send('HEAD', `${this.#base}/blobs/${descriptor.digest}`);
    if (found.status === 200) return;
    const uploads = `${this.#base}/blobs/uploads/`;
    const started = await this.#expect(202, 'POST', uploads);
    const location = new URL(started.headers.location ?? '', uploads);
    location.searchParams.set('digest', descriptor.digest);
    await this.#expect(201, 'PUT', location.href, bytes, 'application/octet-stream');
  }

  async #expect(
    status: number,
    method: string,
    url: string,
    body?: Uint8Array,
    contentType?: string,
  ): Promise<Answer> {
    const answer = await this.#send(method, url, body, contentType);
    if (answer.status === status) return answer;
    throw new Error(`${method} ${url} was answered ${answer.status}: ${answer.text}`);
  }

  /** node:http: fetch copies a body more than once, which hurts with hundreds of megabytes. */
  #send(method: string, url: string, body?: Uint8Array, contentType?: string): Promise<Answer> {
    const headers: Record<string, string> = { ...this.#headers, 'content-length': String(body?.length ?? 0) };
    if (contentType !== undefined) headers['content-type'] = contentType;
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { method, headers, agent: this.#agent }, (response) => {
        text(response).then((answered) => {
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: answered });
        }, reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

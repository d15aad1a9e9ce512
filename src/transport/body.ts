import { StrataError } from '../base/errors.ts';
import type { HttpResponse } from './types.ts';

/** What is read of an unwanted body to keep its connection; a longer one costs the connection instead. */
const DISCARD_BYTES = 64 * 1024;

/**
 * The whole body. `what` names it in the error.
 * @throws StrataError `too-large` beyond `limit` bytes, as soon as that is known
 */
export async function readBody(response: HttpResponse, limit: number, what: string): Promise<Buffer> {
  const tooLarge = (): StrataError => new StrataError('too-large', { what, limit });
  if (Number(response.headers['content-length']) > limit) {
    response.body.destroy();
    throw tooLarge();
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Leaving the loop destroys the body.
    if (length > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** Frees the connection of a response whose body is not wanted. Returns at once. */
export function discardBody(response: HttpResponse): void {
  let length = 0;
  response.body.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > DISCARD_BYTES) response.body.destroy();
  });
}

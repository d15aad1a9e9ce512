import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Input } from './command.ts';

/** What a person typed: a line without its end, or what came instead of one. */
type Answer =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'end' }
  | { readonly kind: 'interrupted' };

/**
 * Reads one line. A hidden one is not shown on a terminal while it is typed: Node's line editor reads it and writes nowhere.
 * @throws the signal's reason
 */
export async function readLine(
  stdin: Input,
  { hidden, signal }: { readonly hidden: boolean; readonly signal: AbortSignal },
): Promise<Answer> {
  signal.throwIfAborted();
  const terminal = hidden && stdin.isTerminal;
  const reader = createInterface({ input: stdin.stream, output: nowhere(), terminal, historySize: 0 });
  try {
    return await new Promise<Answer>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      reader.once('line', (text) => resolve({ kind: 'line', text }));
      reader.once('SIGINT', () => resolve({ kind: 'interrupted' }));
      reader.once('close', () => resolve({ kind: 'end' }));
    });
  } finally {
    reader.close();
  }
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

/** All of the input. Undefined if it is longer than `limit` characters. */
export async function readAll(stdin: Input, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin.stream as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > limit) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

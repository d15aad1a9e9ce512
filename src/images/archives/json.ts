import { invalidArchive } from './paths.ts';

export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws `content-invalid` unless the bytes are JSON in UTF-8 */
export function parseJson(bytes: Uint8Array, archive: string, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalidArchive(archive, `${path} is not JSON`);
  }
}

/** Null and absent are an empty list, as Go writes and reads them. @returns undefined for anything but texts */
export function textList(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
}

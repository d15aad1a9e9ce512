import { StrataError } from '../../base/errors.ts';

/**
 * A name of an archive in the one form that names are compared in: no leading `/` or `./`, no `.`, `..` taken up.
 * @returns undefined for a name that leads out of the archive, and for the archive itself
 */
export function cleanPath(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.length === 0 ? undefined : parts.join('/');
}

/** What a symlink at `path` (cleaned) points at, cleaned. @returns undefined where it leaves the archive */
export function linkTarget(path: string, target: string): string | undefined {
  const folder = path.split('/').slice(0, -1).join('/');
  return cleanPath(target.startsWith('/') ? target : `${folder}/${target}`);
}

/** An archive that cannot be right. */
export function invalidArchive(name: string, detail: string): StrataError {
  return new StrataError('content-invalid', { what: name, detail });
}

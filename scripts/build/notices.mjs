import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Licences that may stand beside MIT in what we ship; a package with another one stops the build. */
const ACCEPTED = new Set(['MIT', 'ISC', '0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC-BY-4.0']);
const LICENSE_FILE = /^(licen[cs]e|copying|notice)/i;

/** For the packages that say "MIT" and carry no text of it. @param {string} author */
const mitText = (author) => `MIT License

Copyright (c) ${author}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to
permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of
the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/**
 * The package folders that bundled files come from, sorted, each once.
 * @param {readonly string[]} inputs paths of a metafile, relative to the repository, with forward slashes
 */
export function packageFolders(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match?.[1]) folders.add(match[1]);
  }
  return [...folders].sort();
}

/**
 * The text of THIRD_PARTY_NOTICES.txt: name, version, licence and licence texts of every bundled package.
 * Throws for a package whose licence is not ACCEPTED or has no text.
 * @param {string} root the repository
 * @param {readonly string[]} inputs paths of the metafiles
 */
export async function thirdPartyNotices(root, inputs) {
  const sections = ['Strata contains parts of these packages.'];
  for (const folder of packageFolders(inputs)) {
    const path = join(root, folder);
    const manifest = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
    const title = `${manifest.name} ${manifest.version} (${manifest.license})`;
    if (!ACCEPTED.has(manifest.license)) throw new Error(`${title}: a licence we have not accepted`);
    const files = (await readdir(path)).filter((name) => LICENSE_FILE.test(name)).sort();
    const texts = await Promise.all(files.map((name) => readFile(join(path, name), 'utf8')));
    if (texts.length === 0) {
      const author = manifest.author?.name ?? manifest.author;
      if (manifest.license !== 'MIT' || !author) throw new Error(`${title}: no licence text in ${folder}`);
      texts.push(mitText(author));
    }
    sections.push([title, ...texts.map((text) => text.replaceAll('\r\n', '\n').trim())].join('\n\n'));
  }
  return sections.join(`\n\n${'-'.repeat(80)}\n\n`) + '\n';
}

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

async function readTexts(file: string): Promise<Record<string, string>> {
  return JSON.parse(await readFile(join(ROOT, file), 'utf8')) as Record<string, string>;
}

async function sources(): Promise<readonly string[]> {
  const names = await readdir(join(ROOT, 'src/editor'), { recursive: true });
  const editor = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const files = ['src/extension.ts', ...editor.map((name) => join('src/editor', name))];
  return await Promise.all(files.map((file) => readFile(join(ROOT, file), 'utf8')));
}

/** The placeholders `{0}`, and the addresses of links, which a translation must keep. */
function fixedParts(text: string): readonly string[] {
  return (text.match(/\{\d+\}|\]\(command:[^)]+\)|`[^`]+`/g) ?? []).toSorted();
}

describe.each([
  ['package.nls.json', 'package.nls.zh-cn.json'],
  ['l10n/bundle.l10n.json', 'l10n/bundle.l10n.zh-cn.json'],
])('%s and its translation', (english, chinese) => {
  it('have the same keys and the same placeholders and links', async () => {
    const [en, zh] = await Promise.all([readTexts(english), readTexts(chinese)]);
    expect(Object.keys(zh).toSorted()).toEqual(Object.keys(en).toSorted());
    for (const [key, text] of Object.entries(en))
      expect(fixedParts(zh[key] ?? ''), key).toEqual(fixedParts(text));
  });

  it('are translated: Chinese where there are words', async () => {
    const [en, zh] = await Promise.all([readTexts(english), readTexts(chinese)]);
    const words = (text: string): string =>
      text.replaceAll(/\{\d+\}|`[^`]+`|Strata|Docker|JSON|Diff|Shell|ID|CA/g, '');
    const same = Object.keys(en).filter(
      (key) => zh[key] === en[key] && /[A-Za-z]{2}/.test(words(en[key] ?? '')),
    );
    expect(same).toEqual([]);
  });
});

it('package.json uses every text of package.nls.json and no other', async () => {
  const manifest = await readFile(join(ROOT, 'package.json'), 'utf8');
  const used = new Set(Array.from(manifest.matchAll(/"%([^%"]+)%"/g), ([, key]) => key));
  expect([...used].toSorted()).toEqual(Object.keys(await readTexts('package.nls.json')).toSorted());
});

/** Parsing all sources takes a while on a busy machine, in milliseconds. */
const EXTRACTION_LIMIT_MS = 60_000;

it('the bundles have every text of the source and no other', { timeout: EXTRACTION_LIMIT_MS }, async () => {
  const contents = await sources();
  const found = await getL10nJson(contents.map((text) => ({ contents: text, extension: '.ts' })));
  const bundle = await readTexts('l10n/bundle.l10n.json');
  expect(Object.keys(bundle).toSorted()).toEqual(Object.keys(found).toSorted());
  for (const [key, text] of Object.entries(bundle)) expect(text).toBe(key);
});

it('the source translates literals only: what is computed would never be found', async () => {
  const calls = (await sources()).flatMap((text) =>
    Array.from(text.matchAll(/l10n\.t\(\s*([^\s])/g), ([, first]) => first),
  );
  expect(calls.filter((first) => first !== "'" && first !== '"')).toEqual([]);
  expect(calls.length).toBeGreaterThan(100);
});

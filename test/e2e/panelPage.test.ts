import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renderPage } from '../../src/editor/panels/html.ts';
import { sha256 } from '../../src/oci/digest.ts';
import type { PanelState, PanelTab } from '../../src/protocol/imagePanel.ts';
import type { ImageView } from '../../src/protocol/imageView.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';
import { launchBrowser } from './browser.ts';

/** The panel's page in a real Chromium under its real policy, with a host that is played by this test. */

const root = join(import.meta.dirname, '..', '..');
const origin = 'http://panel.test';
const hostile = '<img src=x onerror="document.title=`owned`">';

// Stands in for the webview's side of VS Code: keeps the state, records requests, answers them from `window.answers`.
const fakeHost = `
  window.asked = []; window.kept = undefined; window.violations = [];
  document.addEventListener('securitypolicyviolation', (e) => window.violations.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
  window.acquireVsCodeApi = () => ({
    getState: () => window.kept,
    setState: (state) => (window.kept = state),
    postMessage: (message) => {
      window.asked.push(message);
      const ok = window.answers[message.method];
      setTimeout(() => window.postMessage({ type: 'response', id: message.id, ok: ok ?? null }), 0);
    },
  });
`;

function imageOf(layerCount: number): ImageView {
  const numbers = Array.from({ length: layerCount }, (_, index) => index);
  return {
    id: sha256('image'),
    manifestDigest: sha256('manifest'),
    names: ['demo:1', 'demo:latest'],
    repoDigests: [`demo@${sha256('index')}`],
    platform: 'linux/amd64',
    created: '2026-01-02T03:04:05Z',
    size: layerCount * 1_500_000,
    compressedSize: layerCount * 500_000,
    author: '',
    config: {
      entrypoint: ['/entry'],
      cmd: ['serve', '--all'],
      workingDir: '/srv',
      user: 'app',
      stopSignal: 'SIGQUIT',
      shell: [],
      healthcheck: [],
      onBuild: [],
      ports: ['80/tcp'],
      volumes: ['/data'],
      env: [{ name: 'PATH', value: '/usr/bin' }],
      labels: [{ name: 'hostile', value: hostile }],
    },
    layers: numbers.map((index) => ({
      digest: sha256(`blob ${index}`),
      diffId: sha256(`layer ${index}`),
      size: 1_500_000,
      compressedSize: 500_000,
      createdBy: `RUN /bin/sh -c step ${index} ${hostile} # buildkit`,
    })),
    history: numbers.map((index) => ({
      created: '2026-01-02T03:04:05Z',
      createdBy: `RUN step ${index}     && ${hostile}`,
      size: 1_500_000,
      comment: 'buildkit.dockerfile.v0',
      emptyLayer: false,
    })),
    inspect: JSON.stringify([{ Id: sha256('image'), Labels: { hostile }, Size: 3, Yes: true }], undefined, 4),
  };
}

const target = { imageId: sha256('image'), name: 'demo:1' };
const shown = (image: ImageView): PanelState => ({ kind: 'image', target, image, nameMoved: false });

/** The English texts, read from where the host keeps them: importing them would need VS Code. */
async function englishStrings(): Promise<Record<string, string>> {
  const source = await readFile(join(root, 'src', 'editor', 'panels', 'strings.ts'), 'utf8');
  return Object.fromEntries(
    [...source.matchAll(/(\w+): vscode\.l10n\.t\(\s*'([^']*)'/g)].map(([, key = '', text = '']) => [
      key,
      text,
    ]),
  );
}

describe('the image panel in Chromium', () => {
  let folder: TempFolder;
  let browser: Browser;
  let strings: Record<string, string>;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await tempFolder();
    strings = await englishStrings();
    await build({
      absWorkingDir: root,
      entryPoints: { webview: 'webview-ui/main.ts' },
      outdir: folder.path,
      bundle: true,
      format: 'iife',
      platform: 'browser',
      loader: { '.ttf': 'file' },
      assetNames: '[name]',
    });
    browser = await launchBrowser();
  });

  afterEach(async () => {
    await page.context().close();
  });

  afterAll(async () => {
    await browser.close();
    await folder.remove();
  });

  async function open(state: PanelState, tab?: PanelTab): Promise<void> {
    page = await browser.newPage({ viewport: { width: 1100, height: 800 } });
    complaints.length = 0;
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.route(`${origin}/**`, async (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname !== '/') {
        await route.fulfill({ path: join(folder.path, pathname) });
        return;
      }
      const body = renderPage({
        cspSource: origin,
        nonce: 'n0nce',
        scriptUri: `${origin}/webview.js`,
        styleUri: `${origin}/webview.css`,
        language: 'en',
        title: 'demo:1',
        strings,
      });
      await route.fulfill({ contentType: 'text/html', body });
    });
    const answers = { start: { state, ...(tab === undefined ? {} : { tab }) }, reload: state };
    await page.addInitScript(`window.answers = ${JSON.stringify(answers)};${fakeHost}`);
    await page.goto(origin);
    await page.locator('header h1').waitFor();
  }

  async function expectQuiet(): Promise<void> {
    expect(await page.evaluate('window.violations')).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.title()).toBe('demo:1');
  }

  it('draws every tab without one violation of its policy, and image text only as text', async () => {
    await open(shown(imageOf(3)));
    expect(await page.locator('h1').textContent()).toBe('demo:1');
    expect(await page.locator('.pairs').last().textContent()).toContain(hostile);
    await page.locator('#tab-layers').click();
    await page.locator('.layer-row').first().click();
    expect(await page.locator('.layer-details').textContent()).toContain(sha256('layer 0'));
    expect((await page.locator('.bar-fill').first().boundingBox())?.width).toBeGreaterThan(50);
    await page.locator('#tab-history').click();
    await page.locator('.history-row').nth(1).locator('.command').click();
    expect(await page.locator('.history-row.open .command').textContent()).toBe(
      `RUN step 1\n    && ${hostile}`,
    );
    await page.locator('#tab-inspect').click();
    expect(await page.locator('.json').textContent()).toBe(imageOf(3).inspect);
    expect(await page.locator('.json-name').count()).toBe(5);
    await expectQuiet();
  });

  it('keeps image, name and tab for a reload, and opens the tab it is told', async () => {
    await open(shown(imageOf(3)), 'layers');
    expect(await page.evaluate('window.kept')).toEqual({ ...target, tab: 'layers' });
    await page.locator('#tab-history').click();
    expect(await page.evaluate('window.kept')).toEqual({ ...target, tab: 'history' });
    await page.evaluate(`window.postMessage({ type: 'event', name: 'tab', value: 'inspect' })`);
    await page.locator('.json').waitFor();
    expect(await page.evaluate('window.kept')).toEqual({ ...target, tab: 'inspect' });
  });

  it('is worked by the keyboard alone, and keeps its place when the image changes', async () => {
    await open(shown(imageOf(3)));
    for (const key of ['Tab', 'Tab', 'ArrowRight', 'Tab', 'ArrowDown', 'ArrowRight'])
      await page.keyboard.press(key);
    expect(await page.locator('.layer-row').nth(1).getAttribute('aria-expanded')).toBe('true');
    const renamed = shown({ ...imageOf(3), names: ['demo:1'] });
    await page.evaluate(
      `window.postMessage(${JSON.stringify({ type: 'event', name: 'state', value: renamed })})`,
    );
    await expect.poll(() => page.locator('.title .badge').count()).toBe(0);
    expect(await page.locator('.layer-details').count()).toBe(1);
    await page.keyboard.press('ArrowLeft');
    expect(await page.locator('.layer-details').count()).toBe(0);
    expect(await page.locator('#tab-layers').getAttribute('aria-label')).toBe('Layers, 3');
  });

  it('copies through the host and says so', async () => {
    await open(shown(imageOf(1)));
    await page.locator('.header .copy').click();
    await expect.poll(() => page.locator('[role=status]').textContent()).toBe('Copied');
    expect(await page.evaluate('window.asked.at(-1)')).toMatchObject({
      method: 'copy',
      params: { text: sha256('image') },
    });
  });

  it('says when the image is gone, and pulls it again', async () => {
    await open({ kind: 'gone', target, nameMoved: false, pulling: false });
    await page.getByText('demo:1 was deleted from the local store.').waitFor();
    await page.getByText('Pull Again').click();
    expect(await page.evaluate('window.asked.at(-1).method')).toBe('pullAgain');
    await expectQuiet();
  });

  it('says what went wrong, and tries again', async () => {
    await open({ kind: 'failed', target, error: { code: 'failed', message: 'It broke.' }, pulling: false });
    await page.getByText('It broke.').waitFor();
    await page.getByText('Try Again').click();
    expect(await page.evaluate('window.asked.at(-1).method')).toBe('reload');
    await expectQuiet();
  });

  it('shows 512 layers and rows of history at once', async () => {
    await open(shown(imageOf(512)));
    const began = Date.now();
    await page.locator('#tab-layers').click();
    await page.locator('.layer-row').nth(511).waitFor();
    await page.locator('#tab-history').click();
    await page.locator('.history-row').nth(511).waitFor();
    expect(Date.now() - began).toBeLessThan(8000);
    await expectQuiet();
  });
});

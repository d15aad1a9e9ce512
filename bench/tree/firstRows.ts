import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { installCodeServer, startCodeServer } from '../../scripts/support/codeServer.mjs';
import { ensureVsix } from '../../scripts/support/vsix.mjs';
import { launchBrowser } from '../../test/e2e/browser.ts';
import { CodeWindow } from '../extensionHost/codeWindow.ts';

/** VS Code's own start, before anything is measured. */
const SETTLE_MS = 10_000;
const ROWS_LIMIT_MS = 60_000;

/** In the page, so that no way to the browser is counted: from the click on the icon to the first image's row. */
const WATCH = `new Promise((resolve) => {
  let clicked;
  document.addEventListener('mousedown', () => { clicked ??= performance.now(); }, true);
  const observer = new MutationObserver(() => {
    if (document.querySelector('[role=treeitem][aria-label^="Image "]') === null) return;
    observer.disconnect();
    resolve(performance.now() - clicked);
  });
  observer.observe(document, { subtree: true, childList: true, attributes: true });
})`;

/**
 * Opens the view in as many fresh windows, each with an extension host that has not read the store yet.
 * @param root a store whose catalogue was kept
 * @returns milliseconds
 */
export async function measureFirstRows(root: string, home: string, runs: number): Promise<readonly number[]> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const vsix = await ensureVsix();
    await installCodeServer();
    const at = (name: string): string => join(home, name);
    await Promise.all(['workspace', 'docker', 'config'].map((name) => mkdir(at(name), { recursive: true })));
    const server = await startCodeServer({
      home,
      extensions: [vsix],
      settings: { 'remote.autoForwardPorts': false },
      env: { STRATA_ROOT: root, DOCKER_CONFIG: at('docker'), XDG_CONFIG_HOME: at('config') },
    });
    undo.push(server.stop);
    const browser = await launchBrowser();
    undo.push(() => browser.close());
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const window = await CodeWindow.open(browser, server.url, at('workspace'));
      await sleep(SETTLE_MS);
      const [time] = await Promise.all([firstRow(window.page), window.showStrata()]);
      times.push(time);
      if (run === 0) await window.screenshot('bench-tree');
      await window.page.close();
    }
    return times;
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function firstRow(page: Page): Promise<number> {
  page.setDefaultTimeout(ROWS_LIMIT_MS);
  return Number(await page.evaluate(WATCH));
}

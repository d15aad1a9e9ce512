import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { launchBrowser } from './browser.ts';
import { Workbench } from './vscode.ts';

describe('a window with Strata in it', () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });

  it.each([
    { language: 'en', label: 'Strata: Pull Image…' },
    { language: 'zh-cn', label: 'Strata: 拉取镜像…' },
  ] as const)('offers its commands in the language of VS Code: $language', async ({ language, label }) => {
    const window = await Workbench.open(browser, {
      url: inject('vscodeUrl'),
      folder: inject('workspace'),
      ...(language !== 'en' && { language }),
    });
    await window.openView('Strata');
    await window.runCommand(label);
    await window.input().waitFor();
    await window.screenshot(`window-${language}`);
    expect(await window.input().inputValue()).not.toContain('>');
    await window.close();
  });
});

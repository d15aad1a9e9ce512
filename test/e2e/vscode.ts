import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, FrameLocator, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

const SCREENSHOTS = join(import.meta.dirname, '../../artifacts/screenshots');
const START_LIMIT_MS = 60_000;
const LIMIT_MS = 20_000;
const PALETTE_TRIES = 20;
const PALETTE_WAIT_MS = 1_000;

export interface WorkbenchOptions {
  /** The VS Code server, without a path. */
  readonly url: string;
  /** A folder on the server to open. */
  readonly folder: string;
  /** What VS Code and its extensions speak; English unless given. */
  readonly language?: 'zh-cn';
  readonly width?: number;
  readonly height?: number;
}

/** All that VS Code in a browser keeps of a window, as text. */
const READ_STATE = `(async () => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const texts = [];
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('vscode-web-state-db-')) continue;
    const database = await done(indexedDB.open(name));
    const items = await done(database.transaction('ItemTable').objectStore('ItemTable').getAll());
    database.close();
    texts.push(...items.map(String));
  }
  return texts.join(' ');
})()`;

/** One VS Code window in a browser, driven as a person does: by palette, keys, labels and clicks. */
export class Workbench {
  readonly page: Page;
  /** What is open in it. */
  readonly folder: string;
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page, folder: string) {
    this.#context = context;
    this.page = page;
    this.folder = folder;
  }

  /** Opens a window, with a profile of its own, and waits until it takes commands and extensions are there. */
  static async open(browser: Browser, options: WorkbenchOptions): Promise<Workbench> {
    const { url, folder, language, width = 1280, height = 800 } = options;
    const context = await browser.newContext({
      viewport: { width, height },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(LIMIT_MS);
    if (language) await context.addCookies([{ name: 'vscode.nls.locale', value: language, url }]);
    const page = await context.newPage();
    await page.goto(`${url}/?folder=${encodeURIComponent(folder)}`);
    const workbench = new Workbench(context, page, folder);
    await workbench.activity('Strata').waitFor({ timeout: START_LIMIT_MS });
    return workbench;
  }

  /**
   * Loads the same window again, as after closing the browser's tab.
   * @param remembered waits until VS Code, which writes down its state every few seconds, has noted this
   */
  async reload(remembered?: string): Promise<void> {
    if (remembered !== undefined) {
      await expect.poll(() => this.page.evaluate(READ_STATE), { timeout: LIMIT_MS }).toContain(remembered);
    }
    await this.page.reload();
    await this.activity('Strata').waitFor({ timeout: START_LIMIT_MS });
  }

  /** Leaves the page first, so that the window says goodbye and the server ends its extension host. */
  async close(): Promise<void> {
    await this.page.goto('about:blank');
    await this.#context.close();
  }

  /** Writes artifacts/screenshots/NAME.png, for a person to look at. */
  async screenshot(name: string): Promise<void> {
    await mkdir(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), animations: 'disabled' });
  }

  /** Runs a command by the label that the palette shows, category included: `Strata: Pull Image…`. */
  async runCommand(label: string): Promise<void> {
    await this.#openPalette();
    const input = this.input();
    await input.fill(`>${label}`);
    const option = this.#option(label);
    await option.waitFor();
    await option.click();
    // The command may ask something in the same box: what is typed next must not go to the palette.
    await expect.poll(() => this.#paletteText(), { timeout: LIMIT_MS }).not.toMatch(/^>/);
  }

  /** What stands in the box; '' when none is open. */
  async #paletteText(): Promise<string> {
    return (await this.#quickInput().count()) === 0 ? '' : await this.input().inputValue();
  }

  /** The box of the palette and of every quick input or quick pick. */
  input(): Locator {
    return this.#quickInput().getByRole('textbox').or(this.#quickInput().getByRole('combobox')).first();
  }

  /** What the open quick input says of the text that is in it: its prompt or its complaint. */
  inputMessage(): Locator {
    return this.#quickInput().locator('.quick-input-message');
  }

  /** Replaces the text of the open quick input; Enter is pressed unless `accept` is false. */
  async typeInput(text: string, accept = true): Promise<void> {
    await this.input().fill(text);
    if (accept) await this.page.keyboard.press('Enter');
  }

  /** All rows of the open quick pick: options, or checkboxes where several can be taken. */
  options(): Locator {
    return this.#quickInput().locator('.monaco-list-row');
  }

  /** Chooses a row of the open quick pick by the beginning of its label. */
  async pickItem(label: string): Promise<void> {
    await this.#option(label).click();
  }

  /** The icon of a view container in the activity bar. */
  activity(name: string): Locator {
    return this.page.getByRole('tab', { name, exact: true });
  }

  /** Shows a view container of the activity bar. */
  async openView(name: string): Promise<void> {
    const activity = this.activity(name);
    if ((await activity.getAttribute('aria-selected')) !== 'true') await activity.click();
    await this.page.getByRole('heading', { name }).first().waitFor();
  }

  /** The header of one view in the open container; a click folds or unfolds it. */
  viewHeader(name: string): Locator {
    // What stands behind the view's title is part of its name.
    return this.page.getByRole('button', { name: new RegExp(`^${name}(?:\\b.*)? Section`) });
  }

  /** A row of any tree by its accessible name: exact text, or a pattern. */
  treeItem(name: string | RegExp): Locator {
    return this.page.getByRole('treeitem', { name, exact: true });
  }

  /** Unfolds a row by its arrow; a click on the row itself may open something. */
  async unfold(item: Locator): Promise<void> {
    if ((await item.getAttribute('aria-expanded')) !== 'true')
      await item.locator('.monaco-tl-twistie').click();
  }

  /** Right-clicks a row and takes a menu entry; submenus are passed through by giving several labels. */
  async contextMenu(item: Locator, ...labels: readonly string[]): Promise<void> {
    await item.click({ button: 'right' });
    for (const label of labels) await this.pickMenu(label);
  }

  /** By key: a menu takes no click in its first moments, lest letting go of the mouse be one. */
  async pickMenu(label: string): Promise<void> {
    await this.menuItem(label).hover();
    await this.page.keyboard.press('Enter');
  }

  /** An entry of the open menu; its key may stand behind its label. */
  menuItem(label: string): Locator {
    return this.page.getByRole('menuitem', {
      name: new RegExp(`^${label.replaceAll(/[^\p{L}\p{N} ]/gu, '.')}(?:$|,| )`),
    });
  }

  /** The content of the visible webview (an editor or a view). */
  webviewFrame(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready >> visible=true').frameLocator('#active-frame');
  }

  /** The tab of an open editor. */
  editorTab(name: string | RegExp): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** A notification whose text holds this. Its buttons are found in it by role. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text });
  }

  /** A modal question whose text holds this. Its buttons are found in it by role. */
  dialog(text: string | RegExp): Locator {
    return this.page.locator('.monaco-dialog-box').filter({ hasText: text });
  }

  /** The tooltip whose text holds this. */
  hover(text: string | RegExp): Locator {
    return this.page.locator('.monaco-hover').filter({ hasText: text, visible: true });
  }

  /** An item of the status bar whose label holds this. */
  statusItem(text: string | RegExp): Locator {
    return this.page.locator('footer, [role=status]').getByRole('button').filter({ hasText: text });
  }

  /** Drops a file on something as from the desktop: a mouse of a test cannot reach outside the browser. */
  async dropFile(target: Locator, name: string, base64: string): Promise<void> {
    const transfer = await this.page.evaluateHandle(`(() => {
      const bytes = Uint8Array.from(atob(${JSON.stringify(base64)}), (char) => char.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([bytes], ${JSON.stringify(name)}, { type: 'application/x-tar' }));
      return transfer;
    })()`);
    for (const event of ['dragenter', 'dragover', 'drop']) {
      await target.dispatchEvent(event, { dataTransfer: transfer });
    }
  }

  async clipboard(): Promise<string> {
    return String(await this.page.evaluate('navigator.clipboard.readText()'));
  }

  /** Early keys fall into a window that does not listen yet, so they are repeated. */
  async #openPalette(): Promise<void> {
    for (let left = PALETTE_TRIES; left > 0; left--) {
      await this.page.keyboard.press('F1');
      try {
        await this.input().waitFor({ timeout: PALETTE_WAIT_MS });
        return;
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  }

  #quickInput(): Locator {
    return this.page.locator('.quick-input-widget').filter({ visible: true });
  }

  #option(label: string): Locator {
    return this.options()
      .filter({ has: this.page.locator('.quick-input-list-label', { hasText: label }) })
      .first();
  }
}

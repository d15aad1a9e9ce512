import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { ARTIFACTS } from '../support/commands.ts';

const START_LIMIT_MS = 60_000;
const KEY_TRIES = 20;
const KEY_WAIT_MS = 1000;

/** One VS Code window in a browser: as much of it as the benchmark drives. */
export class CodeWindow {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  /** Opens a window on a folder of the server and waits until Strata's icon is there. */
  static async open(browser: Browser, url: string, folder: string): Promise<CodeWindow> {
    // High enough for the whole list of running extensions, which renders only what is seen.
    const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
    await page.goto(`${url}/?folder=${encodeURIComponent(folder)}`);
    const window = new CodeWindow(page);
    await window.#strataIcon().waitFor({ timeout: START_LIMIT_MS });
    return window;
  }

  /** Runs a command by its label in the palette. */
  async runCommand(label: string): Promise<void> {
    const box = this.#box();
    // Early keys fall into a window that does not listen yet.
    for (let left = KEY_TRIES; left > 0 && !(await box.isVisible()); left--) {
      await this.page.keyboard.press('F1');
      await sleep(KEY_WAIT_MS);
    }
    await box.fill(`>${label}`);
    await this.#choose(label);
  }

  /** Shows Strata's views. */
  async showStrata(): Promise<void> {
    await this.#strataIcon().click();
  }

  /** Starts a pull as a person does. */
  async pullImage(name: string): Promise<void> {
    await this.runCommand('Strata: Pull Image…');
    await this.page.getByPlaceholder(/^Name of an image/).waitFor();
    await this.#box().fill(name);
    await this.#choose(`Pull ${name}`);
  }

  /** What VS Code itself counts as activation: loading the code and the call of activate. */
  async activationTime(): Promise<string> {
    await this.runCommand('Developer: Show Running Extensions');
    const row = this.page.locator('.runtime-extensions-editor .monaco-list-row', {
      hasText: 'Container Images',
    });
    const text = await row.locator('.activation-time').textContent();
    await this.page.keyboard.press('Escape');
    return text ?? '';
  }

  /** Writes artifacts/NAME.png. */
  async screenshot(name: string): Promise<void> {
    await mkdir(ARTIFACTS, { recursive: true });
    await this.page.screenshot({ path: join(ARTIFACTS, `${name}.png`) });
  }

  #strataIcon(): Locator {
    return this.page.getByRole('tab', { name: 'Strata', exact: true });
  }

  #widget(): Locator {
    return this.page.locator('.quick-input-widget').filter({ visible: true });
  }

  #box(): Locator {
    return this.#widget().locator('.quick-input-box input');
  }

  async #choose(label: string): Promise<void> {
    const labels = this.page.locator('.quick-input-list-label', { hasText: label });
    await this.#widget().locator('.monaco-list-row').filter({ has: labels }).first().click();
  }
}

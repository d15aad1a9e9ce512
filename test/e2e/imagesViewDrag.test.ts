import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { buildHello } from '../support/demo/hello.ts';
import { buildWeb } from '../support/demo/web.ts';
import type { BuiltImage } from '../support/images.ts';
import { tarOf } from '../support/tar.ts';
import { useStage } from './stage.ts';
import type { Workbench } from './vscode.ts';

const stage = useStage();

/** What `docker save NAME` writes. */
function dockerArchive(image: BuiltImage, name: string): Buffer {
  const config = `${image.config.descriptor.digest.slice('sha256:'.length)}.json`;
  const layers = image.layers.map(({ diffId, tar }) => ({
    path: `${diffId.slice('sha256:'.length)}/layer.tar`,
    content: tar,
  }));
  const manifest = [{ Config: config, RepoTags: [name], Layers: layers.map(({ path }) => path) }];
  return tarOf([
    ...layers,
    { path: config, content: image.config.bytes },
    { path: 'manifest.json', content: JSON.stringify(manifest) },
  ]);
}

/** An image to drop something on: VS Code takes nothing on the text that an empty view shows. */
async function pulledRow(): Promise<RegExp> {
  await stage.cli('pull', '-q', await stage.push('drag/target', buildHello()));
  return /^Image .*drag\/target/;
}

/** Drags with the mouse as a person does, by way of what must open first. */
async function drag(window: Workbench, from: Locator, ...way: readonly Locator[]): Promise<void> {
  await from.hover();
  await window.page.mouse.down();
  for (const stop of way) {
    await stop.waitFor();
    // Twice: the first movement only begins to drag, or enters.
    await stop.hover();
    await stop.hover();
  }
  await window.page.mouse.up();
}

describe('dragging', () => {
  it('loads an archive that is dropped on the view from the Explorer', async () => {
    const row = await pulledRow();
    const window = await stage.open();
    await writeFile(join(window.folder, 'saved.tar'), dockerArchive(buildWeb('1.1'), 'dragged:1'));
    await window.treeItem(row).waitFor();
    await window.runCommand('View: Show Explorer');
    await drag(window, window.treeItem('saved.tar'), window.activity('Strata'), window.treeItem(row));
    await window.treeItem(/^Image dragged:1, /).waitFor();
    await window.screenshot('images-drag-1-explorer');
  });

  it('loads an archive that is dropped on the view from the desktop', async () => {
    const row = await pulledRow();
    const window = await stage.open();
    const bytes = dockerArchive(buildWeb('1.1'), 'dropped:1').toString('base64');
    await window.treeItem(row).waitFor();
    await window.dropFile(window.treeItem(row), 'dropped.tar', bytes);
    await window.treeItem(/^Image dropped:1, /).waitFor();
    await window.screenshot('images-drag-2-desktop');
  });

  it('drops the names of rows in an editor', async () => {
    const name = await stage.push('drag/out', buildHello());
    await stage.cli('pull', '-q', name);
    const window = await stage.open();
    await writeFile(join(window.folder, 'Dockerfile'), 'FROM \n');
    await window.runCommand('View: Show Explorer');
    await window.treeItem('Dockerfile').dblclick();
    const line = window.page.locator('.view-line').first();
    await line.waitFor();
    await window.openView('Strata');
    const row = window.treeItem(new RegExp(`^Image ${name}`));
    await row.hover();
    await window.page.mouse.down();
    await line.hover();
    await window.page.keyboard.down('Shift');
    await line.hover({ position: { x: 60, y: 8 } });
    await window.screenshot('images-drag-3-over-editor');
    await window.page.mouse.up();
    await window.page.keyboard.up('Shift');
    await expect.poll(() => line.textContent(), { timeout: 10_000 }).toContain(name);
    await window.screenshot('images-drag-4-dropped');
  });
});

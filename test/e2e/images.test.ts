import { describe, expect, inject, it } from 'vitest';
import { startStrata } from '../support/cli.ts';
import { buildHello } from '../support/demo/hello.ts';
import { buildWeb } from '../support/demo/web.ts';
import { blobs, createGate, holdUntil } from '../support/registry/index.ts';
import { useStage } from './stage.ts';

const stage = useStage();
const web = buildWeb('1.1');

describe('the views', () => {
  it('say what can be done while there is nothing', async () => {
    const window = await stage.open();
    await window.page.getByText('There are no images yet.').waitFor();
    for (const view of ['Containers', 'Registries']) await window.viewHeader(view).click();
    await window.page.getByText('That comes in a later version.').waitFor();
    await window.treeItem(/Docker Hub/).waitFor();
    await window.screenshot('views-1-empty');
    await window.page.getByText('Take the tour').click();
    await window.page.getByRole('heading', { name: 'Get Started with Strata', level: 2 }).waitFor();
    await window.screenshot('views-2-walkthrough');
    await window.page.getByRole('button', { name: 'Pull Image…' }).first().click();
    await window.input().waitFor();
  });

  it('show an image with its tags, its platform and its layers, and what another process does to it', async () => {
    const name = await stage.push('views/web', web);
    const other = await stage.push('views/web', web, '1.1');
    const window = await stage.open();
    await window.page.getByText('There are no images yet.').waitFor();

    await stage.cli('pull', '-q', name);
    await window.treeItem(/^Image .*views\/web:latest, [\d.]+ kB/).waitFor();
    await stage.cli('pull', '-q', other);
    const image = window.treeItem(/^Image .*views\/web:.*2 tags/);
    await window.unfold(image);
    await window.treeItem(`Tag ${other}`).waitFor();
    await window.treeItem('Platform: linux/amd64').waitFor();
    await window.unfold(window.treeItem(/^\d layers$/));
    await window.treeItem(/^Layer 1: ADD demo-rootfs\.tar\.gz/).waitFor();
    expect(await window.treeItem(/^Layer \d:/).count()).toBe(web.layers.length);
    await window.screenshot('views-3-tree');

    await image.hover();
    await window.hover('Image ID').waitFor();
    expect(await window.hover('Image ID').textContent()).toContain(web.config.descriptor.digest);
    await window.screenshot('views-4-tooltip-image');
    await window.treeItem(/^Layer 2:/).hover();
    await window.hover('Diff ID').waitFor();
    expect(await window.hover('Diff ID').textContent()).toContain(web.layers[1]?.diffId);
    await window.screenshot('views-5-tooltip-layer');

    await window.page.getByRole('button', { name: 'Collapse All' }).click({ force: true });
    await expect.poll(() => window.treeItem('Platform: linux/amd64').count()).toBe(0);
    await stage.cli('rmi', other);
    await window.treeItem(/^Image .*views\/web:latest, [\d.]+ kB/).waitFor();
    await stage.cli('rmi', name);
    await window.page.getByText('There are no images yet.').waitFor();
  });

  it('copy the name, the ID and the digest, of a layer too', async () => {
    const name = await stage.push('views/copy', web);
    await stage.cli('pull', '-q', name);
    const window = await stage.open();
    const image = window.treeItem(/^Image .*views\/copy/);
    await image.click({ button: 'right' });
    await window.menuItem('Copy Name').waitFor();
    await window.screenshot('views-6-context-menu');
    await window.pickMenu('Copy Name');
    await expect.poll(() => window.clipboard()).toBe(name);
    await window.contextMenu(image, 'Copy ID');
    await expect.poll(() => window.clipboard()).toBe(web.config.descriptor.digest);
    await window.contextMenu(image, 'Copy Digest');
    await expect.poll(() => window.clipboard()).toBe(web.manifest.descriptor.digest);
    await window.unfold(image);
    await window.unfold(window.treeItem(/^\d layers$/));
    await window.contextMenu(window.treeItem(/^Layer 1:/), 'Copy Digest');
    await expect.poll(() => window.clipboard()).toBe(web.layers[0]?.descriptor.digest);
    // From the palette a command asks which image is meant.
    await window.runCommand('Strata: Copy Name');
    await window.pickItem(name);
    await expect.poll(() => window.clipboard()).toBe(name);
  });

  it('show what a terminal pulls', async () => {
    const name = await stage.push('views/elsewhere', buildHello());
    const gate = createGate();
    stage.registry.faults.add({ match: blobs(), action: holdUntil(gate.opened) });
    const window = await stage.open();
    const terminal = startStrata(['pull', '-q', name], { root: inject('storeRoot') });
    await window.treeItem(/^Pulling .*views\/elsewhere:latest, .*in another window or terminal/).waitFor();
    await window.screenshot('views-7-pull-elsewhere');
    gate.open();
    expect((await terminal.ended).code).toBe(0);
    await window.treeItem(/^Image .*views\/elsewhere:latest/).waitFor();
    expect(await window.treeItem(/^Pulling/).count()).toBe(0);
  });
});

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buildBig } from '../support/demo/big.ts';
import { buildHello } from '../support/demo/hello.ts';
import { buildTools } from '../support/demo/tools.ts';
import { buildImage } from '../support/images.ts';
import { blobs, createGate, stallAfter } from '../support/registry/index.ts';
import { useStage } from './stage.ts';

const stage = useStage();
const big = buildBig();

describe('Pull Image…', () => {
  it('checks the name as it is typed, offers the tags, shows each layer, and says when it is done', async () => {
    const { registry, host } = stage;
    await stage.push('shop/big', big, '1.2');
    const name = await stage.push('shop/big', big);
    const gate = createGate();
    // The largest come first, three at a time: sounds arrive, the other three stop, the base has to wait.
    for (const number of [1, 3, 4]) {
      const match = blobs(big.layers[number]?.descriptor.digest);
      registry.faults.add({ match, action: stallAfter(3_000_000, gate.opened) });
    }
    const window = await stage.open();

    await window.runCommand('Strata: Pull Image…');
    await window.typeInput(`${host}/shop/BIG`);
    const complaint = window.options().filter({ hasText: 'must be lower case' });
    await complaint.waitFor();
    await window.screenshot('pull-1-invalid-name');
    await window.typeInput('shop/big', false);
    await window.options().filter({ hasText: 'docker.io/shop/big:latest' }).waitFor();
    await window.screenshot('pull-2-name-completed');
    await window.typeInput(`${host}/shop/big`, false);
    await window
      .options()
      .filter({ hasText: `Pull ${name}` })
      .waitFor();
    await window.typeInput(`${host}/shop/big`);
    await window.options().filter({ hasText: '1.2' }).waitFor();
    expect(await window.options().first().textContent()).toContain('latest');
    await window.screenshot('pull-3-tags');
    await window.pickItem('latest');

    await window.treeItem(/^Pulling .*shop\/big:latest, [1-9]\d* % · .* of 51\.\d MB/).waitFor();
    await window
      .treeItem(/^Layer [0-9a-f]{12}, Downloading [1-9]\d* % · /)
      .nth(2)
      .waitFor();
    await window.treeItem(/^Layer [0-9a-f]{12}, Download complete$/).waitFor();
    await window.treeItem(/^Layer [0-9a-f]{12}, Waiting$/).waitFor();
    await window.statusItem(/Pulling .*big:latest \d+ %/).waitFor();
    await window.screenshot('pull-4-progress');
    gate.open();

    await window.notification(`${name} was pulled.`).waitFor();
    await window.treeItem(/^Image .*shop\/big:latest, 51\.\d MB/).waitFor();
    await expect.poll(() => window.statusItem(/Pulling/).count()).toBe(0);
    await window.screenshot('pull-5-pulled');
    await window.notification('was pulled').getByRole('button', { name: 'Open Image' }).click();
    await window.editorTab(name).waitFor();
  });

  it('is cancelled from its row, and goes on later from where it stopped', async () => {
    const { registry } = stage;
    const layers = [5, 6, 7].map((size) => ({
      entries: [{ path: 'data', content: randomBytes(size * 1_000_000) }],
      level: 1,
    }));
    const name = await stage.push('shop/slow', buildImage({ layers }));
    const gate = createGate();
    const stall = registry.faults.add({ match: blobs(), action: stallAfter(2_000_000, gate.opened) });
    const window = await stage.open();
    await window.runCommand('Strata: Pull Image…');
    await window.typeInput(name);

    const row = window.treeItem(/^Pulling .*shop\/slow:latest/);
    await window
      .treeItem(/^Layer [0-9a-f]{12}, Downloading [1-9]\d* % · /)
      .nth(2)
      .waitFor();
    await row.hover();
    await window.screenshot('pull-6-cancel');
    await row.getByRole('button', { name: 'Cancel Pull' }).click();
    await expect.poll(() => row.count()).toBe(0);
    expect(await stage.cli('images', '-q')).toBe('');
    stall.remove();
    gate.open();

    registry.requests.length = 0;
    await window.runCommand('Strata: Pull Image…');
    await window.options().filter({ hasText: name }).waitFor();
    await window.screenshot('pull-7-recent');
    await window.pickItem(name);
    await window.notification(`${name} was pulled.`).waitFor();
    const ranges = registry.requests.flatMap(({ headers }) => headers.range ?? []);
    expect(ranges).toHaveLength(3);
    expect(ranges.every((range) => /^bytes=[1-9]\d{6}-/.test(range))).toBe(true);
  });

  it('asks for the platform where the setting says so', async () => {
    const name = await stage.push('shop/tools', buildTools());
    const window = await stage.open({ settings: { 'strata.pull.platform': 'ask' } });
    await window.runCommand('Strata: Pull Image…');
    await window.typeInput(name);
    await window.options().filter({ hasText: 'linux/arm/v7' }).waitFor();
    expect(await window.options().allTextContents()).toHaveLength(3);
    await window.screenshot('pull-8-platform');
    await window.pickItem('linux/arm64');
    await window.notification(`${name} was pulled.`).waitFor();
    await window.unfold(window.treeItem(/^Image .*shop\/tools/));
    await window.treeItem('Platform: linux/arm64/v8').waitFor();
  });

  it('says that an image is up to date, and forgets a recent name that is not wanted', async () => {
    const name = await stage.push('shop/hello', buildHello());
    await stage.cli('pull', '-q', name);
    const window = await stage.open();
    await window.runCommand('Strata: Pull Image…');
    await window.typeInput(name);
    await window.notification(`${name} is up to date.`).waitFor();

    await window.runCommand('Strata: Pull Image…');
    const recent = window.options().filter({ hasText: name });
    await recent.hover();
    await recent.getByRole('button', { name: 'Forget This Name' }).click();
    await expect.poll(() => recent.count()).toBe(0);
    expect(await window.input().isVisible()).toBe(true);
  });
});

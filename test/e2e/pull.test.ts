import { describe, expect, it } from 'vitest';
import { buildBig } from '../support/demo/big.ts';
import { blobs, createGate, drip } from '../support/registry/index.ts';
import { useStage } from './stage.ts';

const stage = useStage();

describe('Pull Image…', () => {
  it('checks the name as it is typed, offers the tags, shows each layer, and ends with a word', async () => {
    const { registry, host } = stage;
    const name = await stage.push('shop/big', buildBig());
    await stage.push('shop/big', buildBig(), '1.2');
    const slow = registry.faults.add({ match: blobs(), action: drip(1_500_000) });
    const window = await stage.open();

    await window.runCommand('Strata: Pull Image…');
    await window.typeInput(`${host}/shop/BIG`);
    await expect.poll(() => window.options().allTextContents()).toEqual([expect.stringContaining('lower case')]);
    await window.screenshot('pull-1-invalid-name');
    await window.typeInput(`${host}/shop/big`, false);
    await expect.poll(() => window.options().first().textContent()).toContain(`Pull ${name}`);
    await window.screenshot('pull-2-name');
    await window.typeInput(`${host}/shop/big`);
    await expect.poll(() => window.options().count()).toBe(2);
    await window.screenshot('pull-3-tags');
    await window.pickItem('latest');

    await window.treeItem(/^Pulling .*shop\/big:latest, \d+ %/).waitFor();
    await window.treeItem(/^Layer [0-9a-f]{12}, Downloading [1-9]/).first().waitFor();
    await window.statusItem(/Pulling .*big:latest \d+ %/).waitFor();
    await window.screenshot('pull-4-progress');
    slow.remove();
    await window.notification(`${name} was pulled.`).waitFor();
    await window.screenshot('pull-5-pulled');
  });
});

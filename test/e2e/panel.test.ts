import { describe, expect, it } from 'vitest';
import { buildWeb } from '../support/demo/web.ts';
import { useStage } from './stage.ts';

const stage = useStage();
const web = buildWeb('1.1');

describe('the panel of an image', () => {
  it('opens with a click, shows each side of the image, and keeps to its policy', async () => {
    const name = await stage.push('panel/web', web);
    await stage.cli('pull', '-q', name);
    const window = await stage.open();
    const refused: string[] = [];
    window.page.on('console', (message) => {
      if (/Content Security Policy|Refused to/.test(message.text())) refused.push(message.text());
    });
    await window.treeItem(/^Image .*panel\/web/).click();
    const panel = window.webviewFrame();
    await panel.getByRole('heading', { name, level: 1 }).waitFor();
    await panel.getByText('org.opencontainers.image.licenses').waitFor();
    await window.screenshot('panel-1-overview');

    await panel.getByRole('tab', { name: 'Layers' }).click();
    await panel.getByRole('button', { name: /^Layer 2 of / }).click();
    await panel.getByText(web.layers[1]?.diffId ?? '').waitFor();
    await window.screenshot('panel-2-layers');

    await panel.getByRole('tab', { name: 'History' }).click();
    await panel.getByText('set -eux').filter({ visible: true }).click();
    await window.screenshot('panel-3-history');

    await panel.getByRole('tab', { name: 'Inspect' }).click();
    await panel.getByRole('region', { name: 'Inspect JSON' }).waitFor();
    await window.screenshot('panel-4-inspect');
    await panel.getByRole('button', { name: 'Copy JSON' }).click();
    await expect.poll(() => window.clipboard()).toContain(web.config.descriptor.digest);

    await panel.getByRole('button', { name: 'Open as Document' }).click();
    await window.editorTab('web:latest.json').waitFor();
    await window.page.getByText('"RepoTags"').first().waitFor();
    await window.screenshot('panel-5-document');
    expect(refused).toEqual([]);
  });

  it('comes back after a reload where it was, and says so when the image is gone', async () => {
    const name = await stage.push('panel/gone', web);
    await stage.cli('pull', '-q', name);
    const window = await stage.open({ settings: { 'workbench.colorTheme': 'Default Dark Modern' } });
    await window.runCommand('Strata: Show History');
    await window.pickItem(name);
    const panel = window.webviewFrame();
    await panel.getByText('CMD').first().waitFor();
    await window.screenshot('panel-6-dark');

    await window.reload(name);
    await panel.getByRole('tab', { name: 'History', selected: true }).waitFor();
    await stage.cli('rmi', name);
    await panel.getByText(`${name} was deleted from the local store.`).waitFor();
    await window.screenshot('panel-7-gone');
    await panel.getByRole('button', { name: 'Pull Again' }).click();
    await panel.getByRole('tab', { name: 'History', selected: true }).waitFor();
    await window.notification(`${name} was pulled.`).waitFor();
  });

  it('follows its name to another image', async () => {
    const name = await stage.push('panel/moves', buildWeb('1.0'));
    await stage.cli('pull', '-q', name);
    const window = await stage.open({ settings: { 'workbench.colorTheme': 'Default High Contrast' } });
    await window.treeItem(/^Image .*panel\/moves/).click();
    const panel = window.webviewFrame();
    await panel.getByRole('heading', { name, level: 1 }).waitFor();
    await stage.push('panel/moves', web);
    await stage.cli('pull', '-q', name);
    await panel.getByText(`${name} is now the name of another image.`).waitFor();
    await window.treeItem(/^Untagged image/).waitFor();
    await window.screenshot('panel-8-name-moved');
    await panel.getByRole('button', { name: 'Show That Image' }).click();
    await panel.getByText('1.1', { exact: true }).first().waitFor();
  });
});

import { describe, expect, it } from 'vitest';
import { buildHello } from '../support/demo/hello.ts';
import { buildWeb } from '../support/demo/web.ts';
import { useStage } from './stage.ts';

const stage = useStage();

async function pulled(repository: string, image = buildHello(), tag = 'latest'): Promise<string> {
  const name = await stage.push(repository, image, tag);
  await stage.cli('pull', '-q', name);
  return name;
}

describe('Delete Image…', () => {
  it('says what goes, and deletes only when that is wanted', async () => {
    const name = await pulled('delete/web', buildWeb('1.1'));
    const window = await stage.open();
    const row = window.treeItem(/^Image .*delete\/web/);
    const dialog = window.dialog(`Delete image ${name}?`);
    await window.contextMenu(row, 'Delete Image…');
    await dialog.waitFor();
    expect(await dialog.textContent()).toMatch(
      /\(ID [0-9a-f]{12}\).*4 layers are deleted, which frees [\d.]+ kB/s,
    );
    await window.screenshot('delete-1-asks');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await stage.cli('images', '-q')).not.toBe('');

    await window.contextMenu(row, 'Delete Image…');
    await dialog.getByRole('button', { name: 'Delete Image' }).click();
    await window.page.getByText('There are no images yet.').waitFor();
    expect(await stage.cli('images', '-q')).toBe('');
  });

  it('takes only tags away where the image has another', async () => {
    const hello = buildHello();
    const kept = await pulled('delete/tags', hello);
    const first = await pulled('delete/tags', hello, '1');
    const second = await pulled('delete/tags', hello, '2');
    const window = await stage.open();
    const row = window.treeItem(/^Image .*delete\/tags:.*3 tags/);
    await window.unfold(row);
    await window.contextMenu(window.treeItem(`Tag ${first}`), 'Delete Image…');
    const dialog = window.dialog(`Untag ${first}, or delete its whole image?`);
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain(kept);
    await window.screenshot('delete-2-untag');
    await dialog.getByRole('button', { name: 'Untag Only' }).click();
    await window.treeItem(/^Image .*delete\/tags:.*2 tags/).waitFor();

    await window.contextMenu(window.treeItem(/^Image .*delete\/tags/), 'Delete Image…');
    await window.dialog('Delete image').getByRole('button', { name: 'Untag Only' }).click();
    await window.options().filter({ hasText: second }).click();
    await window.screenshot('delete-3-choose-tags');
    await window.page.keyboard.press('Enter');
    await window.treeItem(new RegExp(`^Image ${kept}, `)).waitFor();
    expect((await stage.cli('images')).trim().split('\n').slice(1)).toEqual([
      expect.stringMatching(/delete\/tags +latest /),
    ]);
  });

  it('takes several rows at once, and the Delete key', async () => {
    await pulled('delete/a');
    await pulled('delete/b', buildWeb('1.0'));
    await pulled('delete/c', buildWeb('1.1'));
    const window = await stage.open();
    const row = (name: string) => window.treeItem(new RegExp(`^Image .*delete/${name}:latest`));
    await row('a').click();
    await window.webviewFrame().getByRole('heading', { level: 1 }).waitFor();
    await row('b').click({ modifiers: ['ControlOrMeta'] });
    await window.page.keyboard.press('Delete');
    const dialog = window.dialog('Delete 2 images?');
    await dialog.waitFor();
    expect(await dialog.textContent()).toContain('delete/b:latest');
    await window.screenshot('delete-4-several');
    await dialog.getByRole('button', { name: 'Delete Images' }).click();
    await expect.poll(() => window.treeItem(/^Image/).count()).toBe(1);
    expect(await row('c').isVisible()).toBe(true);
    await window.webviewFrame().getByText('was deleted from the local store').waitFor();
  });
});

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

async function tags(): Promise<readonly string[]> {
  const lines = (await stage.cli('images')).trim().split('\n').slice(1);
  return lines.map((line) => line.split(/ +/).slice(0, 2).join(':')).toSorted();
}

describe('Prune…', () => {
  it('shows what would go and what that frees, asks, and deletes the dangling images only', async () => {
    const kept = await pulled('prune/kept', buildHello());
    const moved = await pulled('prune/web', buildWeb('1.0'));
    await pulled('prune/web', buildWeb('1.1'));
    const window = await stage.open();
    await window.treeItem(/^Image .*prune\/kept/).waitFor();

    await window.runCommand('Strata: Prune…');
    const row = window.options().filter({ hasText: 'Dangling Images' });
    await row.filter({ hasText: /1 image · frees [\d.]+ [kM]?B/ }).waitFor();
    await window
      .options()
      .filter({ hasText: /All Unused Images.*3 images/ })
      .waitFor();
    await window.screenshot('prune-1-choice');
    // A row below only shows what would go.
    await window.options().filter({ hasText: kept }).click();
    expect(await row.isVisible()).toBe(true);
    await window.pickItem('Dangling Images');
    const dialog = window.dialog('Delete all dangling images (1)?');
    await dialog.waitFor();
    expect(await dialog.textContent()).toMatch(/prune\/web:<none> \(ID [0-9a-f]{12}\).*This frees [\d.]+/s);
    await window.screenshot('prune-2-asks');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await tags()).toHaveLength(3);

    await window.runCommand('Strata: Prune…');
    await window.pickItem('Dangling Images');
    await dialog.getByRole('button', { name: 'Prune' }).click();
    await window.notification(/1 image pruned, [\d.]+ [kM]?B freed on the disk/).waitFor();
    await window.screenshot('prune-3-done');
    expect(await tags()).toEqual([kept, moved].toSorted());
  });

  it('takes all unused images, with names too, but only those that were shown', async () => {
    await pulled('prune/one', buildHello());
    const window = await stage.open();
    await window.treeItem(/^Image .*prune\/one/).waitFor();
    await window.runCommand('Strata: Prune…');
    await window.pickItem('All Unused Images');
    const dialog = window.dialog('Delete all unused images (1)?');
    await dialog.waitFor();
    // Another image arrives while the question stands.
    await pulled('prune/two', buildWeb('1.1'));
    await dialog.getByRole('button', { name: 'Prune' }).click();
    const again = window.dialog('Delete all unused images (2)?');
    await again.waitFor();
    expect(await tags()).toHaveLength(2);
    await again.getByRole('button', { name: 'Prune' }).click();
    await window.page.getByText('There are no images yet.').waitFor();
    expect(await tags()).toEqual([]);

    await window.runCommand('Strata: Prune…');
    await window.notification('There is nothing to prune.').waitFor();
  });
});

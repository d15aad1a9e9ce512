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

async function idOf(name: string): Promise<string> {
  return (await stage.cli('images', '-q', '--no-trunc', name)).trim();
}

describe('Tag…', () => {
  it('checks the name as it is typed, and gives the image another', async () => {
    const name = await pulled('tag/web', buildWeb('1.1'));
    const window = await stage.open();
    await window.contextMenu(window.treeItem(/^Image .*tag\/web/), 'Tag…');
    await expect.poll(() => window.input().inputValue()).toBe(name);
    await window.typeInput('My/Web', false);
    await window.inputMessage().filter({ hasText: 'must be lower case' }).waitFor();
    await window.screenshot('tag-1-invalid');
    await window.typeInput('my/web:1', false);
    await window.inputMessage().filter({ hasText: 'In full: docker.io/my/web:1' }).waitFor();
    await window.screenshot('tag-2-in-full');
    await window.page.keyboard.press('Enter');
    await window.treeItem(/^Image .*2 tags/).waitFor();
    expect(await idOf('my/web:1')).toBe(await idOf(name));
  });

  it('asks before it takes a name from another image', async () => {
    const name = await pulled('tag/hello');
    const other = await pulled('tag/other', buildWeb('1.1'));
    const before = await idOf(other);
    const window = await stage.open();
    await window.treeItem(/^Image .*tag\/hello/).waitFor();
    await window.runCommand('Strata: Tag…');
    await window.pickItem(name);
    await window.typeInput(other, false);
    await window.inputMessage().filter({ hasText: 'the only name of another image' }).waitFor();
    await window.screenshot('tag-3-taken');
    await window.page.keyboard.press('Enter');
    const dialog = window.dialog(`Move the tag ${other} to ${name}?`);
    await dialog.waitFor();
    await window.screenshot('tag-4-asks');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await idOf(other)).toBe(before);

    await window.contextMenu(window.treeItem(/^Image .*tag\/hello/), 'Tag…');
    await window.typeInput(other);
    await dialog.getByRole('button', { name: 'Move Tag' }).click();
    await expect.poll(() => idOf(other)).toBe(await idOf(name));
  });
});

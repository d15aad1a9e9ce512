import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildHello } from '../support/demo/hello.ts';
import { buildWeb } from '../support/demo/web.ts';
import { runOk } from '../support/run.ts';
import { tempFolder } from '../support/tempFolder.ts';
import type { TempFolder } from '../support/tempFolder.ts';
import { useStage } from './stage.ts';
import type { Workbench } from './vscode.ts';

const stage = useStage();
let folder: TempFolder | undefined;

beforeAll(async () => {
  folder = await tempFolder('strata-e2e-archives-');
});
afterAll(async () => {
  await folder?.remove();
});

function path(name: string): string {
  if (folder === undefined) throw new Error('The folder is there only while tests run');
  return join(folder.path, name);
}

async function pulled(repository: string, image = buildHello(), tag = 'latest'): Promise<string> {
  const name = await stage.push(repository, image, tag);
  await stage.cli('pull', '-q', name);
  return name;
}

async function idOf(name: string): Promise<string> {
  return (await stage.cli('images', '-q', '--no-trunc', name)).trim();
}

/** How often the dialog is told again, in milliseconds: it hears nothing while it reads a folder. */
const DIALOG_INTERVAL_MS = 500;

/** Types a path into VS Code's own file dialog and accepts it. */
async function answerDialog(window: Workbench, value: string): Promise<void> {
  const accept = window.page.getByRole('button', { name: /^(OK|Load|Import)$/ });
  await accept.waitFor();
  await window.options().first().waitFor();
  await expect
    .poll(
      async () => {
        // What the dialog writes itself when it has read a folder may come in between.
        const text = await window
          .input()
          .inputValue({ timeout: DIALOG_INTERVAL_MS })
          .catch(() => undefined);
        if (text === value) await accept.click({ timeout: DIALOG_INTERVAL_MS }).catch(() => undefined);
        else if (await accept.isVisible()) await window.typeInput(value, false);
        return await accept.count();
      },
      { interval: DIALOG_INTERVAL_MS, timeout: 20_000 },
    )
    .toBe(0);
}

describe('Save… and Load…', () => {
  it('write one image into an archive that skopeo reads, and bring it back', async () => {
    const name = await pulled('save/web', buildWeb('1.1'));
    const id = await idOf(name);
    const file = path('web.tar');
    const window = await stage.open();
    const row = window.treeItem(/^Image .*save\/web/);
    await window.contextMenu(row, 'Save…');
    await window.options().filter({ hasText: 'Docker and OCI' }).waitFor();
    await window.screenshot('save-1-format');
    await window.pickItem('Docker and OCI');
    await expect.poll(() => window.input().inputValue()).toMatch(/web-latest\.tar$/);
    await window.screenshot('save-2-file');
    await answerDialog(window, file);
    const saved = window.notification(`saved as ${file}`);
    await saved.waitFor();
    await window.screenshot('save-3-saved');
    await saved.getByRole('button', { name: 'Copy Path' }).click();
    await expect.poll(() => window.clipboard()).toBe(file);
    for (const kind of ['docker-archive', 'oci-archive']) {
      const stdout = await runOk('skopeo', ['inspect', '--config', '--raw', `${kind}:${file}`]);
      expect(JSON.parse(stdout)).toMatchObject({ architecture: 'amd64' });
    }

    await stage.cli('rmi', name);
    await window.page.getByText('There are no images yet.').waitFor();
    await window.runCommand('Strata: Load…');
    await window.options().filter({ hasText: 'Archive Files…' }).waitFor();
    await window.screenshot('load-1-kind');
    await window.pickItem('Archive Files…');
    await answerDialog(window, file);
    const loaded = window.notification(`Loaded from web.tar: ${name}`);
    await loaded.waitFor();
    await row.waitFor();
    await window.screenshot('load-2-loaded');
    expect(await idOf(name)).toBe(id);
    await loaded.getByRole('button', { name: 'Open Image' }).click();
    await window.editorTab(name).waitFor();
  });

  it('put several selected images into one archive', async () => {
    const names = [await pulled('save/a'), await pulled('save/b', buildWeb('1.0'))];
    const window = await stage.open();
    await window.treeItem(/^Image .*save\/a/).click();
    await window.treeItem(/^Image .*save\/b/).click({ modifiers: ['ControlOrMeta'] });
    await window.contextMenu(window.treeItem(/^Image .*save\/b/), 'Save…');
    await window.pickItem('Docker Archive');
    await expect.poll(() => window.input().inputValue()).toMatch(/images\.tar$/);
    await answerDialog(window, path('both.tar'));
    await window.notification('saved as').waitFor();
    const stdout = await runOk('tar', ['-xOf', path('both.tar'), 'manifest.json']);
    const images = JSON.parse(stdout) as readonly { RepoTags: readonly string[] }[];
    expect(images.flatMap(({ RepoTags }) => RepoTags).toSorted()).toEqual(names.toSorted());
    expect(await readdir(path('.'))).not.toContainEqual(expect.stringContaining('.partial'));
  });

  it('read a layout folder, and say what is wrong with a file that is none', async () => {
    const name = await stage.push('load/layout', buildHello());
    const layout = path('layout');
    await runOk('skopeo', ['copy', '--src-tls-verify=false', `docker://${name}`, `oci:${layout}:hello:1`]);
    const window = await stage.open();
    await window.page.getByText('There are no images yet.').waitFor();
    await window.runCommand('Strata: Load…');
    await window.pickItem('OCI Layout Folder…');
    await answerDialog(window, `${layout}/`);
    await window.notification('Loaded from layout').waitFor();
    await window.treeItem(/^(Image|Untagged image) /).waitFor();

    await mkdir(path('empty'), { recursive: true });
    await runOk('tar', ['-cf', path('other.tar'), '-C', path('.'), 'empty']);
    await window.runCommand('Strata: Load…');
    await window.pickItem('Archive Files…');
    await answerDialog(window, path('other.tar'));
    const failed = window.notification('Loading other.tar failed.');
    await failed.waitFor();
    await window.screenshot('load-3-failed');
    expect(await failed.getByRole('button', { name: 'Retry' }).count()).toBe(1);
  });
});

describe('Import…', () => {
  it('makes an image of a root file system', async () => {
    await mkdir(path('root/bin'), { recursive: true });
    await runOk('cp', ['/bin/busybox', path('root/bin/busybox')]);
    await runOk('tar', ['-cf', path('rootfs.tar'), '-C', path('root'), '.']);
    const window = await stage.open();
    await window.page.getByText('There are no images yet.').waitFor();
    await window.runCommand('Strata: Import…');
    await answerDialog(window, path('rootfs.tar'));
    await window.inputMessage().filter({ hasText: 'Name of the new image' }).waitFor();
    await window.typeInput('mine/Busybox', false);
    await window.inputMessage().filter({ hasText: 'must be lower case' }).waitFor();
    await window.typeInput('mine/busybox:1', false);
    await window.inputMessage().filter({ hasText: 'In full: docker.io/mine/busybox:1' }).waitFor();
    await window.screenshot('import-1-name');
    await window.page.keyboard.press('Enter');
    await window.inputMessage().filter({ hasText: 'Message for the history' }).waitFor();
    await window.screenshot('import-2-message');
    await window.typeInput('from a test');
    await window.notification('rootfs.tar was imported as mine/busybox:1.').waitFor();
    await window.treeItem(/^Image mine\/busybox:1/).waitFor();
    await window.screenshot('import-3-imported');
    expect(await stage.cli('history', '--no-trunc', 'mine/busybox:1')).toContain('from a test');
  });
});

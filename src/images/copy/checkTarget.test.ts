import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '../../../test/support/tempFolder.ts';
import { silentLogger } from '../../base/logger.ts';
import { openStore } from '../../store/index.ts';
import { checkTarget } from './checkTarget.ts';
import { parsePlace } from './place.ts';

async function newFolder(): Promise<string> {
  const folder = await tempFolder();
  onTestFinished(() => folder.remove());
  return folder.path;
}

async function check(text: string): Promise<void> {
  await checkTarget(parsePlace(text, 'target'), text);
}

it('lets a copy replace a file, and make a file or a layout where nothing stands', async () => {
  const folder = await newFolder();
  await writeFile(join(folder, 'old.tar'), 'old');
  for (const place of [
    `oci-archive:${folder}/old.tar:1`,
    `docker-archive:${folder}/new.tar`,
    `oci:${folder}/new:1`,
  ])
    await expect(check(place)).resolves.toBeUndefined();
  await expect(check('docker://registry.test/app:1')).resolves.toBeUndefined();
});

it.skipIf(process.platform === 'win32')('puts no file where a pipe, a device or a folder is', async () => {
  const folder = await newFolder();
  await promisify(execFile)('mkfifo', [join(folder, 'pipe')]);
  await mkdir(join(folder, 'folder'));
  for (const path of [join(folder, 'pipe'), join(folder, 'folder'), '/dev/null']) {
    for (const kind of ['docker-archive', 'oci-archive'])
      await expect(check(`${kind}:${path}`)).rejects.toMatchObject({ code: 'copy-place-invalid' });
  }
});

it('writes no layout into a store, whose lock it would not hold', async () => {
  const root = join(await newFolder(), 'store');
  await (await openStore(root, { logger: silentLogger })).close();
  await expect(check(`oci:${root}:app`)).rejects.toMatchObject({ code: 'copy-place-invalid' });
});

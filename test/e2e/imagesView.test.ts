import { describe, expect, inject, it } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import { openStore } from '../../src/store/index.ts';
import { buildHello } from '../support/demo/hello.ts';
import { buildWeb } from '../support/demo/web.ts';
import { buildImage } from '../support/images.ts';
import type { BuiltImage } from '../support/images.ts';
import { entryOf, storeBlobs } from '../support/storedImages.ts';
import { useStage } from './stage.ts';
import type { Workbench } from './vscode.ts';

const stage = useStage();

/** Settings of the workspace, so that what a quick pick changes is changed there, not for the tests to come. */
const ARRANGED = {
  'strata.images.groupBy': 'none',
  'strata.images.sortBy': 'created',
  'strata.images.label': 'automatic',
  'strata.images.description': ['tags', 'size', 'age'],
};

const now = buildImage({
  layers: [{ entries: [{ path: 'new', content: 'n'.repeat(900_000) }] }],
  created: new Date().toISOString(),
  config: { Labels: { stage: 'test' } },
  platform: { os: 'linux', architecture: 'arm64' },
});

async function pulled(repository: string, image: BuiltImage, tag?: string): Promise<string> {
  const name = await stage.push(repository, image, tag);
  await stage.cli('pull', '-q', '--platform', platformOf(image), name);
  return name;
}

function platformOf({ platform }: BuiltImage): string {
  return `${platform?.os ?? 'linux'}/${platform?.architecture ?? 'amd64'}`;
}

/** Three images, five names and one that lost its name: enough for every arrangement. */
async function fillStore(): Promise<void> {
  const web = buildWeb('1.1');
  await pulled('team/web', buildHello(), '1.0');
  await pulled('team/web', web, '1.0');
  await pulled('team/web', web, '1.1');
  await pulled('tools/edge', now);
  await stage.cli('tag', `${stage.host}/team/web:1.1`, 'web:1.1');
}

/** What the rows of the view say, from above. */
async function rows(window: Workbench, name = /^(Image|Untagged image|Group) /): Promise<readonly string[]> {
  return await window.treeItem(name).evaluateAll((found: readonly DrawnRow[]) =>
    found
      .map((row) => ({ y: row.getBoundingClientRect().y, text: row.textContent }))
      .sort((one, other) => one.y - other.y)
      .map(({ text }) => text),
  );
}

/** What a test without the browser's types must know of an element. */
interface DrawnRow {
  readonly textContent: string;
  getBoundingClientRect(): { readonly y: number };
}

/** Windows open and draw in their own time, on a busy machine too. */
const WAIT = { timeout: 20_000 };
const shown = (window: Workbench) => expect.poll(() => rows(window), WAIT);
const first = (window: Workbench) => expect.poll(async () => (await rows(window))[0], WAIT);

async function choose(window: Workbench, command: string, ...items: readonly string[]): Promise<void> {
  await window.runCommand(`Strata: ${command}`);
  for (const item of items) await window.pickItem(item);
}

describe('the Images view', () => {
  it('groups, sorts and labels as one chooses, from the palette and from its menu', async () => {
    await fillStore();
    const { host } = stage;
    const window = await stage.open({ settings: ARRANGED });
    await shown(window).toHaveLength(3);
    expect(await rows(window)).toEqual([
      expect.stringMatching(`^${host}/tools/edge:latest900 kB · `),
      expect.stringMatching(/^web:1\.13 tags · [\d.]+ kB · /),
      expect.stringMatching(`^${host}/team/web:<none>[0-9a-f]{12} · [\\d.]+ k?B · `),
    ]);
    await window.screenshot('images-view-1-list');

    await choose(window, 'Group Images By…', 'Repository');
    await shown(window).toEqual([`${host}/team/web2`, `${host}/tools/edge1`, 'web1']);
    await window.unfold(window.treeItem(`Group ${host}/team/web, 2 images`));
    await window.unfold(window.treeItem('Group web, 1 image'));
    await shown(window).toHaveLength(6);
    expect((await rows(window)).map((text) => text.slice(0, 6))).toEqual([
      `${host}/team/web2`.slice(0, 6),
      expect.stringMatching(/^1\.0/),
      expect.stringMatching(/^<none>/),
      `${host}/tools/edge1`.slice(0, 6),
      'web1',
      expect.stringMatching(/^1\.1/),
    ]);
    await window.screenshot('images-view-2-by-repository');

    await choose(window, 'Group Images By…', 'Registry');
    await shown(window).toEqual(['docker.io1', `${host}3`]);
    await choose(window, 'Group Images By…', 'Tag');
    await shown(window).toEqual(['latest1', '1.11', '1.01', '<none>1']);
    await window.unfold(window.treeItem('Group 1.1, 1 image'));
    await window.screenshot('images-view-3-by-tag');
    await choose(window, 'Group Images By…', 'Age');
    await shown(window).toEqual(['Last 24 hours1', 'Older2']);

    // Its buttons show while the mouse is there.
    await window.viewHeader('Images').hover();
    await window.page
      .getByRole('button', { name: /More Actions/ })
      .last()
      .click();
    await window.pickMenu('Arrange');
    await window.menuItem('Group Images By…').waitFor();
    await window.screenshot('images-view-4-menu');
    await window.pickMenu('Group Images By…');
    await window.options().first().waitFor();
    await window.screenshot('images-view-5-group-by');
    await window.pickItem('Nothing');
    await shown(window).toHaveLength(3);

    await choose(window, 'Configure Images View…', 'Sort Images By', 'Name');
    await shown(window).toEqual([
      expect.stringContaining('tools/edge'),
      expect.stringMatching(/^web:1\.1/),
      expect.stringContaining('team/web:<none>'),
    ]);
    await choose(window, 'Sort Images By…', 'Pulled or tagged');
    await first(window).toMatch(/^web:1\.1/);
    await choose(window, 'Sort Images By…', 'Size');
    await first(window).toContain('tools/edge');

    await choose(window, 'Choose Label of Images…', 'Last part of the name');
    await first(window).toMatch(/^edge:latest900 kB/);
    await choose(window, 'Choose Label of Images…', 'Image ID');
    await first(window).toContain(now.config.descriptor.digest.slice(7, 19));
    await choose(window, 'Choose Label of Images…');
    await window.options().filter({ hasText: /^Tag/ }).click();
    await first(window).toMatch(/^latest900 kB/);
    await window.runCommand('Strata: Choose Description of Images…');
    await window.pickItem('Platform');
    await window.options().filter({ hasText: /^Age/ }).click();
    await window.screenshot('images-view-6-description');
    await window.page.keyboard.press('Enter');
    await first(window).toBe('latest900 kB · linux/arm64');
    await window.screenshot('images-view-7-labels');
  });

  it('filters by words as they are typed, says so, and remembers it', async () => {
    await fillStore();
    const window = await stage.open();
    await shown(window).toHaveLength(3);
    await window.viewHeader('Images').hover();
    await window.page.getByRole('button', { name: 'Filter Images…' }).click();
    await window.typeInput('edge', false);
    await shown(window).toHaveLength(1);
    await window.screenshot('images-view-8-filter-typed');
    await window.page.keyboard.press('Escape');
    await shown(window).toHaveLength(3);

    await window.runCommand('Strata: Filter Images…');
    await window.typeInput('web 1.1');
    await shown(window).toEqual([expect.stringMatching(/^web:1\.1/)]);
    await window.page.getByText('Filter: "web 1.1".').waitFor();
    await window.page.getByText('1 of 3').waitFor();
    await window.screenshot('images-view-9-filter');

    await window.reload('web 1.1');
    await window.page.getByText('Filter: "web 1.1".').waitFor();
    expect(await rows(window)).toHaveLength(1);

    await window.runCommand('Strata: Filter Images…');
    await window.typeInput('nothing like it');
    await window.page.getByText('No image matches the filter.').waitFor();
    await window.screenshot('images-view-10-nothing');
    await window.page.getByRole('button', { name: 'Clear Filter' }).last().click();
    await shown(window).toHaveLength(3);
    expect(await window.page.getByText('Filter: ').count()).toBe(0);
  });

  it('shows only dangling images, hides them, and shows intermediate ones', async () => {
    await fillStore();
    await addIntermediate();
    const window = await stage.open();
    await shown(window).toHaveLength(4);
    await window.runCommand('Strata: Show Only Dangling Images');
    await shown(window).toEqual([expect.stringContaining('web:<none>')]);
    await window.page.getByText('Filter: only dangling').waitFor();
    await window.screenshot('images-view-11-dangling');
    await window.runCommand('Strata: Hide Dangling Images');
    await shown(window).toHaveLength(3);
    expect(await window.treeItem(/^Untagged/).count()).toBe(0);
    await window.runCommand('Strata: Show Tagged and Dangling Images');
    await shown(window).toHaveLength(4);
    await window.runCommand('Strata: Show Intermediate Images');
    await expect.poll(() => window.treeItem(/^Untagged/).count(), WAIT).toBe(2);
    await window.runCommand('Strata: Hide Intermediate Images');
    await shown(window).toHaveLength(4);
  });

  it("takes Docker's filters, and says in words what is wrong with them", async () => {
    await fillStore();
    const window = await stage.open();
    await shown(window).toHaveLength(3);
    await window.runCommand("Strata: Filter Images by Docker's Filters…");
    const message = window.inputMessage();
    await window.typeInput('colour=red', false);
    await message.getByText('There is no filter "colour"').waitFor();
    await window.screenshot('images-view-12-docker-filter-wrong');
    await window.typeInput('dangling=perhaps', false);
    await message.getByText("Invalid filter 'dangling=[perhaps]'").waitFor();
    await window.typeInput('before=nowhere', false);
    await message.getByText('There is no image nowhere').waitFor();
    await window.typeInput('"label=stage', false);
    await message.getByText('A quotation mark is not closed.').waitFor();
    await window.typeInput('label=stage=test', false);
    await message.getByText('Leaves 1 image.').waitFor();
    await window.screenshot('images-view-13-docker-filter');
    await window.page.keyboard.press('Enter');
    await shown(window).toEqual([expect.stringContaining('tools/edge')]);
    await window.page.getByText('Filter: label=stage=test').waitFor();

    await window.runCommand("Strata: Filter Images by Docker's Filters…");
    await window.typeInput(`reference=${stage.host}/team/*:1.1`);
    await shown(window).toEqual([expect.stringContaining('team/web:1.1')]);
    await window.runCommand('Strata: Clear Filter');
    await shown(window).toHaveLength(3);
  });

  it('weighs what is selected', async () => {
    await fillStore();
    const window = await stage.open();
    await window.page.getByText(/^3 images · .* unpacked · store [\d.]+ k?B on disk$/).waitFor();
    await window.screenshot('images-view-14-totals');
    await window.treeItem(/^Image .*tools\/edge/).click();
    await window.page
      .getByText(/^1 image · 900 kB unpacked, 900 kB only theirs · store [\d.]+ k?B on disk$/)
      .waitFor();
    await window.treeItem(/^Image web:1\.1/).click({ modifiers: ['ControlOrMeta'] });
    await window.page.getByText(/^2 images · .* unpacked, .* only theirs · store/).waitFor();
    await window.screenshot('images-view-15-selection');
  });
});

/** An image and its untagged parent, as a commit would leave them. */
async function addIntermediate(): Promise<void> {
  const [parent, child] = ['parent', 'child'].map((path) =>
    buildImage({ layers: [{ entries: [{ path, content: path }] }] }),
  );
  if (parent === undefined || child === undefined) throw new Error('two images were built');
  const store = await openStore(inject('storeRoot'), { logger: silentLogger });
  try {
    await storeBlobs(store, parent);
    await storeBlobs(store, child);
    const name = 'docker.io/library/child:latest';
    await store.update((entries) => [
      ...entries,
      entryOf(parent),
      entryOf(child, { name, parent: parent.config.descriptor.digest }),
    ]);
  } finally {
    await store.close();
  }
}

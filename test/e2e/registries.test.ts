import { describe, expect, it } from 'vitest';
import { buildHello } from '../support/demo/hello.ts';
import { buildTools } from '../support/demo/tools.ts';
import { buildAttestation, buildImage, buildIndex } from '../support/images.ts';
import { fail, requests } from '../support/registry/index.ts';
import { useStage } from './stage.ts';
import type { Workbench } from './vscode.ts';

const stage = useStage();
const amd64 = buildHello();
const arm64 = buildImage({
  layers: [{ entries: [{ path: 'arm', content: 'arm' }] }],
  platform: { os: 'linux', architecture: 'arm64' },
});

/** A window whose Registries view lists the stage's registry alone, and has the side bar for itself. */
async function openRegistries(): Promise<Workbench> {
  const window = await stage.open({ settings: { 'strata.registries': [stage.host] } });
  for (const view of ['Registries', 'Images']) await window.viewHeader(view).click();
  await window.treeItem(`Registry ${stage.host}`).waitFor();
  return window;
}

describe('the Registries view', () => {
  it('shows repositories, tags, and the platforms and attestations of an index, and pulls a tag', async () => {
    const many = buildIndex([amd64, arm64, buildAttestation(amd64)]);
    const name = await stage.push('browse/many', many, '2.0');
    await stage.push('browse/many', amd64, '1.0');
    await stage.push('browse/other', arm64);
    const window = await openRegistries();
    await window.unfold(window.treeItem(`Registry ${stage.host}`));
    await window.treeItem('Repository browse/other').waitFor();
    await window.unfold(window.treeItem('Repository browse/many'));
    const tag = window.treeItem(/^Tag 2\.0/);
    await tag.waitFor();
    expect(await window.treeItem(/^Tag [12]\.0/).allTextContents()).toEqual(['2.0', '1.0']);
    await window.unfold(tag);
    await window.treeItem(/^linux\/arm64/).waitFor();
    await window.unfold(window.treeItem(/^linux\/amd64/));
    await window.treeItem(/^Attestation/).waitFor();
    await window.screenshot('registries-1-tree');

    await tag.hover();
    await tag.getByRole('button', { name: 'Pull' }).click();
    await window.notification(`${name} was pulled.`).waitFor();
    await window.contextMenu(window.treeItem('Repository browse/many'), 'Refresh');
    await window.treeItem(/^Tag 2\.0.*in the store/).waitFor();
    await window.contextMenu(window.treeItem(/^Tag 2\.0/), 'Copy Digest');
    await expect.poll(() => window.clipboard()).toBe(many.index.descriptor.digest);
    await window.treeItem(/^Tag 2\.0/).click({ button: 'right' });
    await window.menuItem('Delete Tag…').waitFor();
    await window.screenshot('registries-2-menu');
  });

  it('shows the error of a registry in its own row, and asks again', async () => {
    await stage.push('broken/app', amd64);
    const fault = stage.registry.faults.add({ match: requests({ path: /_catalog/ }), action: fail(500) });
    const window = await openRegistries();
    await window.unfold(window.treeItem(`Registry ${stage.host}`));
    const failure = window.treeItem(/failed with status 500/);
    await failure.waitFor();
    await window.screenshot('registries-3-failure');
    fault.remove();
    await failure.hover();
    await failure.getByRole('button', { name: 'Retry' }).click();
    await window.treeItem('Repository broken/app').waitFor();
    expect(await window.treeItem(/failed with status/).count()).toBe(0);
  });

  it('lets one sign in, shows who one is, and signs out', async () => {
    await stage.push('closed/app', amd64);
    stage.registry.requireBasic({ ann: 'right' });
    const window = await openRegistries();
    await window.unfold(window.treeItem(`Registry ${stage.host}`));
    const failure = window.treeItem(/sign/i).first();
    await failure.hover();
    await window.screenshot('registries-4-sign-in');
    await failure.getByRole('button', { name: 'Sign In…' }).click();
    await window.inputMessage().filter({ hasText: 'User name' }).waitFor();
    await window.typeInput('ann');
    await window.inputMessage().filter({ hasText: 'Password or access token' }).waitFor();
    await window.typeInput('right');
    await window.treeItem('Repository closed/app').waitFor();
    const registry = window.treeItem(`Registry ${stage.host}, signed in as ann`);
    await registry.waitFor();
    await window.screenshot('registries-5-signed-in');
    await window.contextMenu(registry, 'Sign Out…');
    await window.dialog('Sign out of').getByRole('button', { name: 'Sign Out' }).click();
    await window.treeItem(`Registry ${stage.host}`).waitFor();
  });

  it('deletes a tag in the registry after asking', async () => {
    await stage.push('cleanup/app', amd64, 'old');
    await stage.push('cleanup/app', arm64, 'new');
    const window = await openRegistries();
    await window.unfold(window.treeItem(`Registry ${stage.host}`));
    await window.unfold(window.treeItem('Repository cleanup/app'));
    await window.contextMenu(window.treeItem(/^Tag old/), 'Delete Tag…');
    const question = window.dialog('cleanup/app:old in its registry?');
    await question.waitFor();
    await window.screenshot('registries-6-delete');
    await question.getByRole('button', { name: 'Delete Tag' }).click();
    await expect.poll(() => window.treeItem(/^Tag old/).count()).toBe(0);
    await window.treeItem(/^Tag new/).waitFor();
    const tags = await fetch(`${stage.registry.url}/v2/cleanup/app/tags/list`);
    expect(await tags.json()).toEqual({ name: 'cleanup/app', tags: ['new'] });
  });

  it('keeps a repository that its registry does not list', async () => {
    const name = await stage.push('unlisted/tools', buildTools(), 'v1');
    stage.registry.faults.add({ match: requests({ path: /_catalog/ }), action: fail(404) });
    const window = await openRegistries();
    await window.unfold(window.treeItem(`Registry ${stage.host}`));
    await window.treeItem(/^Add Repository…/).click();
    await window.typeInput('Wrong Name', false);
    await window.inputMessage().filter({ hasText: 'must be lower case' }).waitFor();
    await window.screenshot('registries-7-add-repository');
    await window.typeInput('unlisted/tools');
    const repository = window.treeItem('Repository unlisted/tools');
    await window.unfold(repository);
    await window.contextMenu(window.treeItem(/^Tag v1/), 'Copy Name');
    await expect.poll(() => window.clipboard()).toBe(name);
    await window.contextMenu(repository, 'Remove Repository from View');
    await window.treeItem(/^Add Repository…/).waitFor();
  });

  it('adds a registry and removes it again', async () => {
    const window = await stage.open();
    await window.viewHeader('Registries').click();
    await window.treeItem('Registry Docker Hub').waitFor();
    await window.runCommand('Strata: Add Registry…');
    await window.screenshot('registries-8-kinds');
    await window.pickItem('Other Registry…');
    await window.typeInput('not a host', false);
    await window.inputMessage().filter({ hasText: 'Write a host such as' }).waitFor();
    await window.typeInput(`http://${stage.host}/v2/`);
    await window.notification(`${stage.host} was added.`).waitFor();
    await window.contextMenu(window.treeItem(`Registry ${stage.host}`), 'Remove Registry…');
    await window.dialog('from the list of registries?').getByRole('button', { name: 'Remove' }).click();
    await expect.poll(() => window.treeItem(`Registry ${stage.host}`).count()).toBe(0);
  });
});

import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { buildHello } from '../support/demo/hello.ts';
import { buildWeb } from '../support/demo/web.ts';
import { startServer } from '../support/localServer.ts';
import type { LocalServer } from '../support/localServer.ts';
import { useStage } from './stage.ts';

const stage = useStage();
/** The configuration file of the server's Strata: it says where Docker Hub is to be asked. */
const configuration = join(dirname(inject('storeRoot')), 'config', 'strata', 'config.json');

const REDIS = {
  results: [
    {
      repo_name: 'redis',
      short_description: 'Redis is an in-memory store $(trash)\nfor data.',
      star_count: 13_012,
      pull_count: 4_200_000_000,
      is_official: true,
    },
    {
      repo_name: 'bitnami/redis',
      short_description: 'Redis by Bitnami',
      star_count: 331,
      pull_count: 2_500_000,
    },
    { repo_name: 'grokzen/redis-cluster', short_description: '', star_count: 95, pull_count: 0 },
  ],
};

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

function json(body: unknown): Answer {
  return (_, response) => response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
}

/** Stands where Docker Hub would, with the registry of the stage behind its names. */
async function hub(search: Answer): Promise<LocalServer> {
  const server = await startServer((request, response) => {
    const path = request.url ?? '';
    if (path.startsWith('/v2/search/repositories/')) search(request, response);
    else if (path.startsWith('/api/search/'))
      json({ results: [{ slug: 'bitnami/redis', badge: 'verified_publisher' }] })(request, response);
    else response.writeHead(404).end();
  });
  await mkdir(dirname(configuration), { recursive: true });
  const mirrors = { 'docker.io': [stage.registry.url] };
  await writeFile(configuration, JSON.stringify({ hubUrl: server.url, mirrors }));
  return server;
}

function terms(server: LocalServer): readonly (string | null)[] {
  return server.seen
    .filter((line) => line.includes('/v2/search/'))
    .map((line) => new URL(line.slice(4), server.url).searchParams.get('query'));
}

describe('Search Images…', () => {
  afterEach(() => rm(configuration, { force: true }));

  it('searches while one types, pulls what is taken, and remembers what was searched for', async () => {
    await stage.push('library/redis', buildHello());
    const server = await hub(json(REDIS));
    const window = await stage.open();
    await window.page.getByRole('button', { name: 'Search Images…' }).click();
    await window.input().pressSequentially('redis', { delay: 20 });
    const official = window.options().filter({ hasText: /^redisOfficial/ });
    await official.filter({ hasText: /13K.*4\.2B/ }).waitFor();
    await window
      .options()
      .filter({ hasText: /bitnami\/redis.*Verified Publisher.*331.*2\.5M/ })
      .waitFor();
    await window.screenshot('search-1-results');
    // One question for the word, not one for each letter.
    expect(terms(server)).toEqual(['redis']);
    await official.hover();
    expect(await official.getByRole('button', { name: 'Open Page on Docker Hub' }).count()).toBe(1);
    await window.page.keyboard.press('Enter');
    // Docker Hub itself cannot be reached from here: its mirror lists the tags.
    await window.pickItem('latest');
    await window.notification('redis:latest was pulled.').waitFor();
    await window.treeItem(/^Image redis:latest/).waitFor();

    await window.runCommand('Strata: Search Images…');
    await window.options().filter({ hasText: 'redis' }).waitFor();
    await window.screenshot('search-2-recent');
    await window.pickItem('redis');
    await official.waitFor();
    expect(await window.input().inputValue()).toBe('redis');
    await window.page.keyboard.press('Escape');
  });

  it('says what went wrong, searches again, and cancels what is stale', async () => {
    let broken = true;
    const cancelled: Promise<unknown>[] = [];
    const server = await hub((request, response) => {
      if (broken) response.writeHead(404).end();
      else if (request.url?.includes('query=slow') === true) cancelled.push(once(response, 'close'));
      else json(REDIS)(request, response);
    });
    const window = await stage.open();
    await window.runCommand('Strata: Search Images…');
    await window.typeInput('redis', false);
    await window.options().filter({ hasText: 'Search Again' }).waitFor();
    await window.screenshot('search-3-failed');
    broken = false;
    await window.pickItem('Search Again');
    await window.options().filter({ hasText: 'bitnami/redis' }).waitFor();
    await window.typeInput('slow', false);
    await expect.poll(() => cancelled.length).toBe(1);
    await window.typeInput('redis ', false);
    await Promise.all(cancelled);
    await window.options().filter({ hasText: 'bitnami/redis' }).waitFor();
    expect(terms(server).filter((term) => term === 'slow')).toHaveLength(1);
  });

  it('searches another registry by HOST/words, and looks inside what it pulls', async () => {
    await stage.push('found/web', buildWeb('1.1'));
    const name = await stage.push('found/web', buildWeb('1.0'), '1.0');
    await stage.push('other/thing', buildHello());
    const window = await stage.open();
    await window.runCommand('Strata: Search Images…');
    await window.typeInput(`${stage.host}/web`, false);
    const found = window.options().filter({ hasText: `${stage.host}/found/web` });
    await found.waitFor();
    expect(await window.options().count()).toBe(1);
    await found.hover();
    expect(await found.getByRole('button', { name: 'Open Page on Docker Hub' }).count()).toBe(0);
    await window.screenshot('search-4-other-registry');
    await found.getByRole('button', { name: 'Pull and Look Inside' }).click();
    await window.options().filter({ hasText: '1.0' }).waitFor();
    await window.screenshot('search-5-tags');
    // Back to the same results, and forth again.
    await window.page.getByRole('button', { name: 'Back' }).click();
    await found.getByRole('button', { name: 'Pull and Look Inside' }).click();
    await window.pickItem('1.0');
    await window.editorTab(name).waitFor();
    await window.webviewFrame().getByRole('heading', { level: 1 }).waitFor();
    await window.screenshot('search-6-look-inside');

    await window.runCommand('Strata: Search Images…');
    await window.typeInput(`${stage.host}/nothing-like-it`, false);
    await window.options().filter({ hasText: 'Nothing was found' }).waitFor();
    await window.screenshot('search-7-nothing');
  });
});

import { describe, expect, it } from 'vitest';
import type { Registry, SearchHit } from '../registry/index.ts';
import { searchImages } from './search.ts';
import type { SearchOptions } from './types.ts';

const hit = (name: string, more: Partial<SearchHit> = {}): SearchHit => ({
  name,
  description: '',
  stars: 0,
  official: false,
  automated: false,
  ...more,
});

const FOUND = [
  hit('a', { stars: 3, automated: true }),
  hit('b', { stars: 7, official: true, pulls: 1 }),
  hit('c', { stars: 3 }),
  hit('d'),
];

/** What a search asks of the registry, and what comes of it. */
async function search(term: string, options: SearchOptions = {}) {
  const asked: unknown[] = [];
  const registry: Pick<Registry, 'search'> = {
    search: (...question) => {
      asked.push(question.slice(0, 3));
      return Promise.resolve(FOUND);
    },
  };
  const results = await searchImages(registry as Registry, term, options);
  return { asked, names: results.map(({ name }) => name), results };
}

describe('a search', () => {
  it.each([
    ['alpine', 'docker.io', 'alpine'],
    ['library/alpine', 'docker.io', 'alpine'],
    ['bitnami/redis', 'docker.io', 'bitnami/redis'],
    ['docker.io/alpine', 'docker.io', 'alpine'],
    ['index.docker.io/library/alpine', 'docker.io', 'alpine'],
    ['localhost/app', 'localhost', 'app'],
    ['LOCALHOST:5000/team/app', 'localhost:5000', 'team/app'],
    ['ghcr.io/', 'ghcr.io', ''],
    ['[::1]:5000/x', '[::1]:5000', 'x'],
    ['', 'docker.io', ''],
    ['localhost', 'docker.io', 'localhost'],
    ['a:b', 'docker.io', 'a:b'],
  ])('for %j asks %s for %j', async (text, host, term) => {
    const { asked } = await search(text);
    expect(asked).toEqual([[host, term, { limit: 25, details: true }]]);
  });

  it.each(['http://localhost/x', 'a@b.c/x', 'b.c?q=/x', 'x.y#/z', 'a b.c/x'])(
    'for %j is refused',
    async (text) => {
      await expect(search(text)).rejects.toMatchObject({
        code: 'filter-invalid',
        message: 'Invalid repository name (ex: "registry.domain.tld/myrepos")',
      });
    },
  );

  it('puts the most stars first, and keeps the registry’s order where they are equal', async () => {
    expect((await search('x')).names).toEqual(['b', 'a', 'c', 'd']);
    expect((await search('r.example/x')).names).toEqual(
      ['b', 'a', 'c', 'd'].map((name) => `r.example/${name}`),
    );
  });

  it.each<[SearchOptions['filters'], string[]]>([
    [{}, ['b', 'a', 'c', 'd']],
    [{ stars: ['3'] }, ['b', 'a', 'c']],
    [{ stars: ['1', '5'] }, ['b']],
    [{ stars: ['-1'] }, ['b', 'a', 'c', 'd']],
    [{ 'is-official': ['true'] }, ['b']],
    [{ 'is-official': ['false', 'false'], stars: ['1'] }, ['a', 'c']],
    [{ 'is-automated': ['true'] }, ['a']],
  ])('by %j finds %j', async (filters = {}, names) => {
    expect((await search('x', { filters })).names).toEqual(names);
  });

  it.each<[SearchOptions, string]>([
    [{ limit: 0 }, 'Limit 0 is outside the range of [1, 100]'],
    [{ limit: 101 }, 'Limit 101 is outside the range of [1, 100]'],
    [{ limit: Number.NaN }, 'Limit NaN is outside the range of [1, 100]'],
    [{ filters: { size: ['1'] }, limit: 0 }, "Invalid filter 'size'"],
    [{ filters: { stars: ['many'] } }, "Invalid filter 'stars=many'"],
    [{ filters: { 'is-official': ['1'] } }, "Invalid filter 'is-official=[1]'"],
    [{ filters: { 'is-automated': ['true', 'false'] } }, "Invalid filter 'is-automated=[true false]'"],
  ])('with %j is refused', async (options, message) => {
    await expect(search('x', options)).rejects.toMatchObject({ code: 'filter-invalid', message });
  });

  it('asks for less where little is wanted', async () => {
    const { asked } = await search('x', { limit: 100, brief: true });
    expect(asked).toEqual([['docker.io', 'x', { limit: 100, details: false }]]);
  });
});

import { expect, it } from 'vitest';
import type { Registry } from '../registry/index.ts';
import { remoteTagList } from './remoteTagList.ts';

const list = async (tags: string[], times: Record<string, string>): Promise<unknown> => {
  const registry: Pick<Registry, 'tags' | 'tagTimes'> = {
    tags: () => Promise.resolve(tags),
    tagTimes: () => Promise.resolve(new Map(Object.entries(times))),
  };
  return await remoteTagList(registry as Registry, 'team/app', undefined);
};

const JANUARY = '2024-01-01T00:00:00.000Z';
const FEBRUARY = '2024-02-01T00:00:00.000Z';

it('has the newest tags first, then those without a time as their names tell', async () => {
  expect(
    await list(['1.0', 'old', '2.0', 'new', 'latest'], { old: JANUARY, new: FEBRUARY, gone: FEBRUARY }),
  ).toEqual([
    { name: 'new', updated: FEBRUARY },
    { name: 'old', updated: JANUARY },
    { name: 'latest' },
    { name: '2.0' },
    { name: '1.0' },
  ]);
});

it('orders tags of one time as their names tell', async () => {
  expect(await list(['1.9', '1.10'], { '1.9': JANUARY, '1.10': JANUARY })).toEqual([
    { name: '1.10', updated: JANUARY },
    { name: '1.9', updated: JANUARY },
  ]);
});

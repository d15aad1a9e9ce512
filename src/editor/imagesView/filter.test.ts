import { describe, expect, it } from 'vitest';
import { leavesOut, namesShown, NO_FILTER, readFilter } from './filter.ts';
import type { ImageFilter } from './filter.ts';
import { testImage } from './testImages.ts';

const web = testImage('web', { tags: ['docker.io/library/web:1.9', 'ghcr.io/owner/Web:RC1'] });
const arm = testImage('arm', {
  tags: ['localhost:5000/tools/arm:latest'],
  platform: { os: 'linux', architecture: 'arm64' },
});
const dangling = testImage('dangling', { repoDigests: [`docker.io/library/web@${web.id}`] });

function shown(filter: Partial<ImageFilter>): readonly (readonly string[] | undefined)[] {
  return [web, arm, dangling].map(namesShown({ ...NO_FILTER, ...filter }, ({ tags }) => tags));
}

describe('the text filter', () => {
  it('shows all without words', () => {
    expect(shown({ text: ' ' })).toEqual([web.tags, arm.tags, []]);
  });

  it('leaves of an image the names that hold every word, whatever their case', () => {
    expect(shown({ text: 'WEB' })).toEqual([web.tags, undefined, []]);
    expect(shown({ text: 'web rc' })).toEqual([['ghcr.io/owner/Web:RC1'], undefined, undefined]);
    expect(shown({ text: 'web nothing' })).toEqual([undefined, undefined, undefined]);
  });

  it('knows the registry by its name, and not by what nobody sees', () => {
    expect(shown({ text: 'docker.io' })).toEqual([['docker.io/library/web:1.9'], undefined, []]);
    expect(shown({ text: 'library' })).toEqual([undefined, undefined, undefined]);
  });

  it('finds a platform and an ID, and shows all names then', () => {
    expect(shown({ text: 'arm64' })).toEqual([undefined, arm.tags, undefined]);
    expect(shown({ text: web.id.slice(7, 15) })).toEqual([web.tags, undefined, undefined]);
    expect(shown({ text: web.id })).toEqual([web.tags, undefined, undefined]);
  });
});

it('hides dangling images, or all others', () => {
  expect(shown({ dangling: 'only' })).toEqual([undefined, undefined, []]);
  expect(shown({ dangling: 'hidden' })).toEqual([web.tags, arm.tags, undefined]);
});

it("goes by what Docker's filters left", () => {
  const names = namesShown({ ...NO_FILTER, text: 'web' }, () => undefined);
  expect(names(web)).toBeUndefined();
});

it('takes of what was remembered only what it knows', () => {
  const filter = { text: 'a', docker: 'label=b', dangling: 'only', intermediate: true } as const;
  expect(readFilter({ ...filter, more: 1 })).toEqual(filter);
  for (const value of [
    undefined,
    null,
    'text',
    { text: 1, docker: [], dangling: 'never', intermediate: 'yes' },
  ])
    expect(readFilter(value)).toEqual(NO_FILTER);
});

it('leaves something out by words, filters and the absence of tags; intermediate images only add', () => {
  expect(leavesOut(NO_FILTER)).toBe(false);
  expect(leavesOut({ ...NO_FILTER, intermediate: true })).toBe(false);
  for (const change of [{ text: 'a' }, { docker: 'label=a' }, { dangling: 'only' }] as const)
    expect(leavesOut({ ...NO_FILTER, ...change })).toBe(true);
});

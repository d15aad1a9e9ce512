import { describe, expect, it } from 'vitest';
import { StrataError } from '../../base/errors.ts';
import type { ImageSummary, ListOptions } from '../../images/types.ts';
import { NO_FILTER } from './filter.ts';
import { ImageList } from './imageList.ts';
import { testImage } from './testImages.ts';

const web = testImage('web', { tags: ['docker.io/library/web:1', 'docker.io/library/web:2'] });
const base = testImage('base', { tags: ['docker.io/library/base:1'] });

function startList(answer: (options: ListOptions) => readonly ImageSummary[]): {
  list: ImageList;
  asked: ListOptions[];
} {
  const asked: ListOptions[] = [];
  const list = new ImageList({
    list: (options = {}) => {
      asked.push(options);
      return new Promise((resolve) => resolve(answer(options)));
    },
  });
  return { list, asked };
}

describe('the list of images', () => {
  it('is read once until the store changes, whatever is typed meanwhile', async () => {
    const { list, asked } = startList(() => [web, base]);
    expect((await list.read(NO_FILTER)).rows.map(({ image }) => image)).toEqual([web, base]);
    expect((await list.read({ ...NO_FILTER, text: 'web:2' })).rows).toEqual([
      { kind: 'image', image: web, names: ['docker.io/library/web:2'] },
    ]);
    await list.read({ ...NO_FILTER, dangling: 'only' });
    expect(asked).toEqual([{ all: false }]);
    list.forget();
    await list.read({ ...NO_FILTER, intermediate: true });
    expect(asked).toEqual([{ all: false }, { all: true }]);
  });

  it("keeps all names of an image of which Docker's filters left some", async () => {
    const { list, asked } = startList(({ filters }) =>
      filters === undefined ? [web, base] : [{ ...web, tags: web.tags.slice(1) }],
    );
    const { all, rows } = await list.read({ ...NO_FILTER, docker: 'reference=web:2' });
    expect(all).toHaveLength(2);
    expect(rows).toEqual([{ kind: 'image', image: web, names: ['docker.io/library/web:2'] }]);
    expect(asked[1]).toEqual({ all: false, filters: { reference: ['web:2'] } });
  });

  it('shows everything beside the reason where a filter no longer works', async () => {
    const gone = new StrataError('image-not-found', { name: 'gone' });
    const { list } = startList(({ filters }) => {
      if (filters !== undefined) throw gone;
      return [web, base];
    });
    const { rows, problem } = await list.read({ ...NO_FILTER, docker: 'before=gone' });
    expect(rows).toHaveLength(2);
    expect(problem).toBe(gone);
  });

  it('is asked again after it failed', async () => {
    let broken = true;
    const { list } = startList(() => {
      if (broken) throw new Error('no disk');
      return [base];
    });
    await expect(list.read(NO_FILTER)).rejects.toThrow('no disk');
    broken = false;
    expect((await list.read(NO_FILTER)).rows).toHaveLength(1);
  });
});

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { arrange } from '../../src/editor/imagesView/arrange.ts';
import { NO_FILTER } from '../../src/editor/imagesView/filter.ts';
import { ImageList } from '../../src/editor/imagesView/imageList.ts';
import { GROUPINGS, ORDERS } from '../../src/editor/imagesView/options.ts';
import { LayerUses } from '../../src/editor/imagesView/totals.ts';
import { createTestApp } from '../../test/support/app.ts';
import { median } from '../support/tables.ts';

/** What each step of the view costs the extension host's thread: milliseconds of several turns. */
export async function measureModel(
  root: string,
  runs: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map<string, number[]>();
  const timed = async <T>(name: string, work: () => T | Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work();
    times.set(name, [...(times.get(name) ?? []), performance.now() - started]);
    return result;
  };
  for (let run = 0; run < runs; run++) {
    await rm(join(root, 'strata/catalog.json'), { force: true });
    const first = createTestApp({ root });
    await timed('the same, index.json changed', () => new ImageList(first).read(NO_FILTER));
    // Keeps the catalogue.
    await first.close();
    const app = createTestApp({ root });
    try {
      const list = new ImageList(app);
      const { all, rows } = await timed('store opened and read', () => list.read(NO_FILTER));
      await timed('text filter', () => list.read({ ...NO_FILTER, text: `app-${run} .1` }));
      await timed('layers counted', () => new LayerUses(all));
      for (const groupBy of GROUPINGS) {
        for (const sortBy of ORDERS) {
          const arrangement = { groupBy, sortBy, isUsed: () => false, now: new Date() };
          await timed(`by ${groupBy}, sorted by ${sortBy}`, () => arrange(rows, arrangement));
        }
      }
    } finally {
      await app.close();
    }
  }
  return times;
}

/** The slowest of all arrangements, by its median. */
export function slowestArrangement(times: ReadonlyMap<string, readonly number[]>): readonly [string, number] {
  return [...times]
    .filter(([name]) => name.startsWith('by '))
    .map(([name, all]) => [name, median(all)] as const)
    .reduce((slowest, one) => (one[1] > slowest[1] ? one : slowest));
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tempFolder } from '../../test/support/tempFolder.ts';
import { makeStore } from '../list/syntheticStore.ts';
import { ARTIFACTS } from '../support/commands.ts';
import { describeMachine } from '../support/machine.ts';
import { median, table } from '../support/tables.ts';
import { measureFirstRows } from './firstRows.ts';
import { measureModel, slowestArrangement } from './model.ts';

const LIMIT_MS = 200;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '5' },
      images: { type: 'string', default: '1000' },
      tags: { type: 'string', default: '20' },
      model: { type: 'boolean', default: false },
    },
  });
  const folder = await tempFolder('strata-bench-tree-');
  try {
    const root = join(folder.path, 'store');
    await makeStore(root, Number(values.images), Number(values.tags));
    // Once for all that the first list of a store derives.
    await measureModel(root, 1);
    const model = await measureModel(root, Number(values.runs));
    const [slowest] = slowestArrangement(model);
    const shown = [
      'store opened and read',
      'the same, index.json changed',
      'by none, sorted by created',
      slowest,
      'text filter',
      'layers counted',
    ];
    console.log(timesTable([...model].filter(([name]) => shown.includes(name))));
    const windows = values.model ? [] : await measureFirstRows(root, folder.path, Number(values.runs));
    if (windows.length > 0) {
      console.log(timesTable([['click to first row, fresh window', windows]]));
      const middle = median(windows);
      console.log(
        `\nfirst rows: ${middle.toFixed(0)} ms, limit ${LIMIT_MS}: ${middle <= LIMIT_MS ? 'holds' : 'MISSED'}`,
      );
    }
    await mkdir(ARTIFACTS, { recursive: true });
    const record = { machine: await describeMachine(folder.path), model: Object.fromEntries(model), windows };
    await writeFile(join(ARTIFACTS, 'bench-tree.json'), `${JSON.stringify(record, undefined, 2)}\n`);
  } finally {
    await folder.remove();
  }
}

function timesTable(times: readonly (readonly [string, readonly number[]])[]): string {
  const rows = times.map(([name, all]) => [
    name,
    ...[Math.min(...all), median(all), Math.max(...all)].map((ms) => ms.toFixed(1)),
  ]);
  return table(['', 'min ms', 'median ms', 'max ms'], rows);
}

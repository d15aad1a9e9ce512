import { describe, expect, it } from 'vitest';
import type { PullEvent } from '../../images/index.ts';
import { sha256 } from '../../oci/digest.ts';
import { historyAge, imageAge } from './ages.ts';
import { PullDisplay } from './pullDisplay.ts';
import { ellipsis, formatTable } from './table.ts';

describe('formatTable', () => {
  it('pads as tabwriter does: at least ten cells, three between, none at the end', () => {
    const rows = [
      ['A', 'IMAGE ID', 'LAST'],
      ['a longer one', '', 'x'],
      ['镜像', 'é', ''],
    ];
    expect(formatTable(rows)).toBe(
      [
        'A              IMAGE ID   LAST',
        'a longer one              x',
        '镜像             é          ',
        '',
      ].join('\n'),
    );
    expect(formatTable([])).toBe('');
  });
});

describe('ellipsis', () => {
  it.each([
    ['abcde', 'abcde'],
    ['abcdef', 'abcd…'],
    ['éééééé', 'éééé…'],
    // Wide characters take two cells.
    ['镜像a', '镜像a'],
    ['镜像镜', '镜像…'],
    ['a镜像镜', 'a镜…'],
    ['', ''],
  ])('cuts %s to five cells', (text, expected) => {
    expect(ellipsis(text, 5)).toBe(expected);
  });
});

describe('ages', () => {
  const now = Date.parse('2024-06-01T00:00:00Z');

  it.each([
    ['2024-05-31T23:59:30Z', '30 seconds ago', '30 seconds ago'],
    ['2022-06-01T00:00:00Z', '2 years ago', '2 years ago'],
    [undefined, undefined, '292 years ago'],
    ['0001-01-01T00:00:00Z', undefined, '292 years ago'],
    ['rubbish', undefined, '292 years ago'],
  ])('of %s', (created, image, history) => {
    expect(imageAge(created, now)).toBe(image);
    expect(historyAge(created, now)).toBe(history);
  });
});

describe('PullDisplay', () => {
  const layer = (
    seed: string,
    status: Extract<PullEvent, { kind: 'layer' }>['status'],
    current?: number,
  ): PullEvent => ({
    kind: 'layer',
    digest: sha256(seed),
    id: seed.repeat(12),
    status,
    ...(current === undefined ? {} : { current, total: 2_000_000 }),
  });
  const show = (events: readonly PullEvent[], isTerminal: boolean, columns = 80): string => {
    let text = '';
    const display = new PullDisplay({ write: (more) => void (text += more), isTerminal, columns });
    for (const event of events) display.show(event);
    return text;
  };
  const opening: readonly PullEvent[] = [
    { kind: 'start', name: 'app:latest', tagDefaulted: true },
    { kind: 'found', lead: 'latest: Pulling from library/app' },
    { kind: 'layers', layers: [] },
  ];

  it('prints each status of a layer once, and no progress, where no terminal is', () => {
    const events = [
      ...opening,
      layer('a', 'Pulling fs layer'),
      layer('a', 'Downloading', 5),
      layer('a', 'Verifying Checksum'),
      layer('a', 'Verifying Checksum'),
      { kind: 'warning', message: 'careful' } as const,
    ];
    expect(show(events, false).split('\n')).toEqual([
      'Using default tag: latest',
      'latest: Pulling from library/app',
      'aaaaaaaaaaaa: Pulling fs layer',
      'aaaaaaaaaaaa: Verifying Checksum',
      'WARNING: careful',
      '',
    ]);
  });

  it('says nothing of a tag that was given', () => {
    expect(show([{ kind: 'start', name: 'app:1', tagDefaulted: false }], false)).toBe('');
  });

  it('rewrites the line of each layer on a terminal', () => {
    const text = show(
      [layer('a', 'Waiting'), layer('b', 'Waiting'), layer('a', 'Downloading', 1_000_000)],
      true,
    );
    expect(text.split('\n')).toEqual([
      '',
      '\x1b[1A\x1b[2K\raaaaaaaaaaaa: Waiting \r\x1b[1B',
      '\x1b[1A\x1b[2K\rbbbbbbbbbbbb: Waiting \r\x1b[1B' +
        '\x1b[2A\x1b[2K\raaaaaaaaaaaa: Downloading      1MB/2MB\r\x1b[2B',
    ]);
  });

  it('draws a bar where there is room for one', () => {
    const bar = (current: number): string => show([layer('a', 'Downloading', current)], true, 120);
    expect(bar(1_000_000)).toContain(`Downloading [${'='.repeat(25)}>${' '.repeat(25)}]      1MB/2MB`);
    expect(bar(2_000_000)).toContain(`[${'='.repeat(50)}>]      2MB/2MB`);
    expect(bar(0)).toContain('aaaaaaaaaaaa: Downloading \r');
  });

  it('begins new lines below a warning', () => {
    const text = show(
      [layer('a', 'Waiting'), { kind: 'warning', message: 'careful' }, layer('a', 'Waiting')],
      true,
    );
    expect(text.split('WARNING: careful\n')[1]).toBe('\n\x1b[1A\x1b[2K\raaaaaaaaaaaa: Waiting \r\x1b[1B');
  });
});

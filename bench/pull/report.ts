import type { Measurement } from '../support/measure.ts';
import { median, table } from '../support/tables.ts';

type Results = ReadonlyMap<string, readonly Measurement[]>;

/** What strata pull promises, as ratios of median wall times. */
const LIMITS = [
  { against: 'floor', limit: 1.3 },
  { against: 'podman pull', limit: 0.25 },
  { against: 'docker pull', limit: 0.25 },
] as const;
const PEAK_LIMIT_BYTES = 400e6;
const SUBJECT = 'strata pull';

export interface Verdict {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly holds: boolean;
}

/** Each promise that these results can decide. */
export function judge(results: Results): Verdict[] {
  const subject = results.get(SUBJECT) ?? [];
  if (subject.length === 0) return [];
  const wall = median(subject.map(({ wallSeconds }) => wallSeconds));
  const ratios = LIMITS.flatMap(({ against, limit }) => {
    const others = (results.get(against) ?? []).map(({ wallSeconds }) => wallSeconds);
    if (others.length === 0) return [];
    const value = wall / median(others);
    return [{ what: `${SUBJECT} / ${against}, median wall time`, value, limit, holds: value <= limit }];
  });
  const peak = Math.max(...subject.map(({ peakBytes }) => peakBytes));
  return [
    ...ratios,
    {
      what: 'peak memory of strata pull, MB',
      value: peak / 1e6,
      limit: PEAK_LIMIT_BYTES / 1e6,
      holds: peak < PEAK_LIMIT_BYTES,
    },
  ];
}

/** Markdown: a row for each contender. */
export function resultTable(results: Results): string {
  const rows = [...results]
    .filter(([, runs]) => runs.length > 0)
    .map(([name, runs]) => {
      const walls = runs.map(({ wallSeconds }) => wallSeconds);
      return [
        name,
        Math.min(...walls).toFixed(2),
        median(walls).toFixed(2),
        Math.max(...walls).toFixed(2),
        median(runs.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2),
        (Math.max(...runs.map(({ peakBytes }) => peakBytes)) / 1e6).toFixed(0),
        median(runs.map(({ syncSeconds }) => syncSeconds)).toFixed(2),
      ];
    });
  return table(['', 'wall min s', 'median s', 'max s', 'CPU s', 'peak MB', 'sync after s'], rows);
}

/** Markdown: a row for each promise. */
export function ratioTable(results: Results): string {
  const verdicts = judge(results);
  if (verdicts.length === 0) return 'No figures of strata pull to judge.';
  const rows = verdicts.map(({ what, value, limit, holds }) => {
    const digits = limit > 100 ? 0 : 3;
    return [what, value.toFixed(digits), String(limit), holds ? 'holds' : 'MISSED'];
  });
  return table(['', 'measured', 'limit', ''], rows);
}

import { median } from '../command/median.js';
import { table } from '../command/table.js';
import { type CellResult, nameOf, violationCount } from './cell.js';
import type { FaultRow, Outcome } from './fault-run.js';
import { FAULT_CONTENDERS } from './pools/index.js';

const NAMES = FAULT_CONTENDERS.map(({ name }) => name);
const LEGEND = `v: violations, s: stuck callers, l: leaked resources, c: close() did not end; the time is what a new caller waited
for a resource once the trouble was over. dead: the process spun or died. -: the pool has no such phase.
`;

/** All cells, and below them what each pool did in all of them together. */
export function faultReport(rows: readonly FaultRow[]): string {
  const cells = rows.map(({ cell, outcomes }) => [
    nameOf(cell),
    ...NAMES.map((name) => `  ${outcomes[name] === undefined ? '-' : show(outcomes[name])}`),
  ]);
  const sums = NAMES.map((name) => [name, ...summary(rows.map(({ outcomes }) => outcomes[name]))]);
  const header = [
    'in all cells',
    'violations',
    'stuck',
    'leaked',
    'close hung',
    'dead',
    'not recovered',
    'recovery',
  ];
  return `${table([['cell', ...NAMES.map((name) => `  ${name}`)], ...cells])}\n${LEGEND}\n${table([header, ...sums])}`;
}

function show(outcome: Outcome): string {
  if (outcome === 'dead') return outcome;
  const counts = [
    [violationCount(outcome), 'v'],
    [outcome.stuck, 's'],
    [outcome.leaked, 'l'],
    [outcome.closed ? 0 : 1, 'c'],
  ] as const;
  const faults = counts.filter(([count]) => count > 0).map(([count, letter]) => `${count}${letter}`);
  const recovery = outcome.recovery === undefined ? 'no recovery' : `${Math.round(outcome.recovery)} ms`;
  return [...faults, recovery].join(' ');
}

function summary(outcomes: readonly (Outcome | undefined)[]): string[] {
  const settled = outcomes.filter((one): one is CellResult => one !== undefined && one !== 'dead');
  const sum = (of: (one: CellResult) => number): string =>
    `${settled.reduce((total, one) => total + of(one), 0)}`;
  const recoveries = settled.flatMap(({ recovery }) => recovery ?? []);
  return [
    sum(violationCount),
    sum(({ stuck }) => stuck),
    sum(({ leaked }) => leaked),
    sum(({ closed }) => (closed ? 0 : 1)),
    `${outcomes.filter((one) => one === 'dead').length}`,
    `${settled.length - recoveries.length}`,
    `${Math.round(median(recoveries))} ms`,
  ];
}

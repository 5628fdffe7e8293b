import { table } from '../../command/table.js';
import { type CellResult, nameOf } from './cell.js';
import type { Outcome, ProcessorFaultRow } from './run.js';

const LEGEND = `HANG: no answer in time. beside: a job of another caller was hurt. not whole: as many jobs as there are threads did not all come to a
good end afterwards. shutdown hung: it did not come to an end in time. threads: so many are left after it. unhandled: so many rejections
and exceptions. dead: the process ended, or had to be ended.
`;

/** All cells, and below them what each contender did in all of them together. */
export function processorFaultReport(
  contenders: readonly string[],
  rows: readonly ProcessorFaultRow[],
): string {
  const cells = rows.map(({ cell, outcomes }) => [
    nameOf(cell),
    ...contenders.map((name) => `  ${tell(outcomes[name])}`),
  ]);
  const sums = contenders.map((name) => [name, ...summary(rows.map(({ outcomes }) => outcomes[name]))]);
  const heads = ['in all cells', 'as it should be', ...TROUBLES.map(([trouble]) => trouble), 'dead'];
  return `${table([['cell', ...contenders.map((name) => `  ${name}`)], ...cells])}\n${LEGEND}\n${table([heads, ...sums])}`;
}

/** What should not be, and how often it was in a cell. */
const TROUBLES: readonly (readonly [string, (result: CellResult) => number])[] = [
  ['HANG', ({ outcome }) => (outcome === undefined ? 1 : 0)],
  ['beside', ({ besideWell }) => (besideWell ? 0 : 1)],
  ['not whole', ({ whole }) => (whole ? 0 : 1)],
  ['shutdown hung', ({ closed }) => (closed ? 0 : 1)],
  ['threads', ({ threads }) => threads],
  ['unhandled', ({ unhandled }) => unhandled],
];

function tell(outcome: Outcome | undefined): string {
  if (outcome === undefined) return '-';
  if (outcome === 'dead') return outcome;
  const troubles = troublesOf(outcome).map(([trouble, count]) =>
    count > 1 ? `${count} ${trouble}` : trouble,
  );
  const ended = outcome.outcome === undefined ? [] : [outcome.outcome.slice(0, 24)];
  return [...ended, ...troubles].join(', ');
}

function troublesOf(result: CellResult): [string, number][] {
  return TROUBLES.map(([trouble, count]): [string, number] => [trouble, count(result)]).filter(
    ([, count]) => count > 0,
  );
}

function summary(outcomes: readonly (Outcome | undefined)[]): string[] {
  const results = outcomes.filter((one): one is CellResult => one !== undefined && one !== 'dead');
  const well = results.filter((one) => troublesOf(one).length === 0).length;
  const cells = TROUBLES.map(([, count]) => results.filter((one) => count(one) > 0).length);
  const dead = outcomes.filter((one) => one === 'dead').length;
  return [`${well}`, ...cells.map(String), `${dead}`];
}

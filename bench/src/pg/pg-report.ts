import type { Estimate } from '../command/estimate.js';
import { table } from '../command/table.js';
import type { Comparison } from './comparison.js';

const HEADS = ['', 'the one', 'the other', 'ratio', '95 % interval', 'the same twice'];

/** Two rows for each comparison: how many loans, and what each costs. */
export function pgReport(comparisons: readonly Comparison[]): string {
  const titles = new Set(comparisons.map(titleOf));
  return [...titles]
    .map((title) => {
      const rows = comparisons.filter((comparison) => titleOf(comparison) === title).flatMap(rowsOf);
      return `${title}\n${table([HEADS, ...rows])}\n`;
    })
    .join('');
}

function titleOf({ one, other }: Comparison): string {
  return `${one} against ${other}`;
}

function rowsOf({ shape, level, figures: { one, other }, ratio, itself }: Comparison): string[][] {
  return [
    [
      `  ${shape}, ${level}: throughput`,
      `${one.rate.toFixed(0)}/s`,
      `${other.rate.toFixed(0)}/s`,
      ...cells(ratio.rate, itself.rate),
    ],
    ['    CPU', `${one.cpu.toFixed(1)} us`, `${other.cpu.toFixed(1)} us`, ...cells(ratio.cpu, itself.cpu)],
  ];
}

function cells(ratio: Estimate, itself: Estimate): string[] {
  return [`${ratio.median.toFixed(3)} x`, interval(ratio), interval(itself)];
}

function interval({ low, high }: Estimate): string {
  return `${low.toFixed(3)} to ${high.toFixed(3)}`;
}

import type { Estimate } from '../command/estimate.js';
import { table } from '../command/table.js';
import type { LoadFigures } from './load.js';
import type { Overhead } from './overhead.js';

const HEADS = ['', 'coordinator', 'piscina', 'ratio', '95 % interval', 'piscina against itself'];

/** A task through the coordinator beside one of piscina alone. */
export function overheadReport(overheads: readonly Overhead[]): string {
  const rows = overheads.map(({ milliseconds, shape, took, coordinator, itself }) => [
    `${milliseconds} ms of work, ${shape}`,
    `${took.coordinator.toFixed(3)} ms`,
    `${took.piscina.toFixed(3)} ms`,
    `${coordinator.median.toFixed(3)} x`,
    interval(coordinator),
    interval(itself),
  ]);
  return `${table([HEADS, ...rows])}\n`;
}

/** What the event loop and two tenants have of a queue that never empties. */
export function loadReport({ idle, underLoad, completed, aborted, waiting }: LoadFigures): string {
  const { large, small } = completed;
  const share = (count: number): string => `${((count / (large + small)) * 100).toFixed(1)} %`;
  return `event loop late, 99 %: idle ${idle.toFixed(2)} ms, under load ${underLoad.toFixed(2)} ms
at least ${waiting} tasks waiting, ${aborted} aborted, ${large + small} completed: ${share(large)} of the tenant with 80 % of the queue, ${share(small)} of the other
\n`;
}

function interval({ low, high }: Estimate): string {
  return `${low.toFixed(3)} to ${high.toFixed(3)}`;
}

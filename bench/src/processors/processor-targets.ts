import type { Target } from '../command/target.js';
import type { LoadFigures } from './load.js';
import type { Overhead } from './overhead.js';

/** What processors promise, from the figures of one run. */
export function processorTargets(load: LoadFigures, overheads: readonly Overhead[]): Target[] {
  const { idle, underLoad, completed } = load;
  const { large, small } = completed;
  const most = { kind: 'at most' } as const;
  return [
    {
      what: 'the event loop is late under load, 99 % (idle + 5 ms)',
      bound: idle + 5,
      ...most,
      unit: 'ms',
      measured: underLoad,
    },
    {
      what: 'two tenants: completed tasks differ by, of half of them',
      bound: 10,
      ...most,
      unit: '%',
      measured: (Math.abs(large - small) / ((large + small) / 2)) * 100,
    },
    ...overheads.map((overhead) => overheadTarget(overhead)),
  ];
}

/** Of short tasks the promise is a share; of long ones, that nothing can be told from noise. */
function overheadTarget({ milliseconds, shape, coordinator, itself }: Overhead): Target {
  const what = `a task of ${milliseconds} ms, ${shape}: longer than with piscina by`;
  const common = { kind: 'at most', unit: '%' } as const;
  if (milliseconds < 1) return { what, ...common, bound: 15, measured: percent(coordinator.median) };
  return {
    what: `${what} at least (noise)`,
    ...common,
    bound: Math.max(percent(itself.high), -percent(itself.low)),
    measured: percent(coordinator.low),
  };
}

function percent(ratio: number): number {
  return (ratio - 1) * 100;
}

import type { Target } from '../command/target.js';
import { ARRAY_STACK, OURS, PEERS, RING_QUEUE } from '../contenders/index.js';
import type { Measurement } from './measurement.js';

/** What the design promises of the pool, from the figures of one run. */
export function poolTargets(measurements: readonly Measurement[]): Target[] {
  const find = (id: string): Measurement | undefined =>
    measurements.find(({ scenario }) => scenario.id === id);
  const againstBest = (id: string): Pick<Target, 'measured' | 'note'> => {
    const measurement = find(id);
    const best = measurement?.best(PEERS);
    return best === undefined
      ? { measured: undefined }
      : { measured: measurement?.ratio(OURS, best), note: `against ${best}` };
  };
  const between = (contender: string, one: string, other: string): number | undefined =>
    quotient(find(one)?.of(contender), find(other)?.of(contender));
  /** Beyond the caches of the processor the limit itself gets slower; more than it loses is a cost of ours. */
  const growth = (what: string, many: string, few: string, limit: string): Target => {
    const [ours, bare] = [between(OURS, many, few), between(limit, many, few)];
    const note =
      ours === undefined || bare === undefined
        ? {}
        : { note: `ours keeps ${percent(ours)}, ${limit} ${percent(bare)}` };
    const measured = ours === undefined ? undefined : ours / Math.min(1, bare ?? 1);
    return { what, bound: 0.9, kind: 'at least', unit: 'x', measured, ...note };
  };
  const share = (id: string, limit: string): number | undefined => {
    const ratio = find(id)?.ratio(OURS, limit);
    return ratio === undefined ? undefined : ratio * 100;
  };
  const least = { kind: 'at least', unit: 'x' } as const;
  const deadline = { bound: 1.3, kind: 'at most', unit: 'x' } as const;
  return [
    {
      what: 'loans per second when nobody waits, against the fastest other pool',
      bound: 3,
      ...least,
      ...againstBest('uncontended'),
    },
    {
      what: 'uncontended: of the array stack',
      bound: 35,
      kind: 'at least',
      unit: '%',
      measured: share('uncontended', ARRAY_STACK),
    },
    {
      what: "tryAcquire: of the fastest peer's acquire",
      bound: 10,
      ...least,
      ...againstBest('try-acquire'),
    },
    { what: '1,000 tasks over 10: of the fastest peer', bound: 2, ...least, ...againstBest('tasks') },
    growth('100,000 waiters: rate of 10 of them', 'waiters-100000', 'waiters-10', RING_QUEUE),
    growth('200,000 waiters: rate of 10 of them', 'waiters-200000', 'waiters-10', RING_QUEUE),
    growth('5,000 on loan: rate beside 10', 'loans-5000', 'loans-10', ARRAY_STACK),
    growth('10,000 on loan: rate beside 10', 'loans-10000', 'loans-10', ARRAY_STACK),
    {
      what: 'heap per acquire + release',
      bound: 400,
      kind: 'at most',
      unit: 'B',
      measured: find('heap')?.of(OURS),
    },
    {
      what: "a deadline's cost, uncontended",
      ...deadline,
      measured: between(OURS, 'uncontended', 'uncontended-deadline'),
    },
    {
      what: "a deadline's cost, 1,000 tasks over 10",
      ...deadline,
      measured: between(OURS, 'tasks', 'tasks-deadline'),
    },
  ];
}

function quotient(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one / other;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

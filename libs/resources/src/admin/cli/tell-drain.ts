import type { DrainAnswer } from '../commands/answers.js';
import { count, tellLeases } from './tell-status.js';
import { tellDuration } from './text-table.js';

export function tellDrain({ dryRun, clean, held, leased, duration }: DrainAnswer): string[] {
  if (dryRun)
    return [
      `Nothing was changed. What is on loan now would have until the deadline: ${count(leased, 'lease')}.`,
      ...tellLeases(held, leased),
    ];
  if (clean === true)
    return [`Drained in ${tellDuration(duration)}: all leases came back, all pools are closed.`];
  return [
    `Drained in ${tellDuration(duration)}: all pools are closed. ${count(leased, 'lease')} did not come back by the deadline:`,
    ...tellLeases(held, leased),
  ];
}

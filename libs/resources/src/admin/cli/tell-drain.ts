import type { DrainAnswer } from '../commands/answers.js';
import { count, tellLeases } from './tell-status.js';
import { tellDuration } from './text-table.js';

export function tellDrain({ dryRun, clean, held, leased, duration }: DrainAnswer): string[] {
  if (dryRun) {
    if (leased === 0) return ['drain would wait for nobody: nothing is on loan.'];
    return [
      `drain would wait, until the deadline, for ${count(leased, 'lease')}:`,
      ...tellLeases(held, leased),
    ];
  }
  if (clean === true)
    return [`Drained in ${tellDuration(duration)}: all leases came back, all pools are closed.`];
  return [
    `Drained in ${tellDuration(duration)}: all pools are closed. ${count(leased, 'lease')} did not come back by the deadline:`,
    ...tellLeases(held, leased),
  ];
}

import { parseDuration } from '../../time/duration.js';
import type { AdminTarget } from '../admin-target.js';
import type { DrainAnswer } from './answers.js';
import type { CommandArguments } from './command-arguments.js';
import { oldest } from './status.js';

/** Lets work that has begun go on until the deadline, refuses all other, and closes the pools. There is no way back. */
export async function drain(target: AdminTarget, args: CommandArguments): Promise<DrainAnswer> {
  const deadline = args.text('deadline');
  if (deadline !== undefined) parseDuration(deadline, 'deadline');
  if (args.flag('dryRun')) {
    const leases = target.leases();
    return {
      dryRun: true,
      clean: undefined,
      held: oldest(leases),
      leased: leases.length,
      duration: undefined,
    };
  }
  const { clean, held, duration } = await target.drain(deadline);
  return { dryRun: false, clean, held: oldest(held), leased: held.length, duration };
}

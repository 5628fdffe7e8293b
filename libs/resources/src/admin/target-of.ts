import type { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { toldCause } from '../lifecycle/history/told-cause.js';
import type { OptionChange } from '../reports/change-info.js';
import type { AdminTarget, Difference } from './admin-target.js';

/** A coordinator as the commands see it. */
export function targetOf(coordinator: ResourceCoordinator): AdminTarget {
  return {
    drainTimeout: coordinator.drainTimeout,
    stats: () => coordinator.stats(),
    leases: () => coordinator.leases(),
    drain: (deadline) => coordinator.cleanup(deadline === undefined ? {} : { deadline }),
    drift: () => Object.entries(coordinator.drift()).flatMap(([type, what]) => differencesIn(type, what)),
    history: (type) =>
      coordinator.history(type).map(({ what, ...change }) => {
        return { ...change, differences: differencesIn(type, what) };
      }),
    rollback: async (type, version, by) => {
      const { cause, ...report } = await coordinator.rollback(type, version, { by });
      const change = coordinator.history(type).find((each) => each.version === report.version);
      return { ...report, ...told(cause), differences: differencesIn(type, change?.what ?? []) };
    },
    backup: (values) => coordinator.backup({ values }),
    restore: async (document, how) => {
      const { outcome, cause, types } = await coordinator.restore(document, how);
      return {
        outcome,
        ...told(cause),
        differences: types.flatMap(({ type, what }) => differencesIn(type, what)),
      };
    },
  };
}

function differencesIn(type: string, what: readonly OptionChange[]): Difference[] {
  return what.map(({ option, before, after }) => ({ type, path: option, before, after }));
}

/** Without what a message of a driver's may hold. */
function told(cause: unknown): { cause?: string } {
  return cause === undefined ? {} : { cause: toldCause(cause) };
}

import type { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { toldCause } from '../lifecycle/history/told-cause.js';
import type { AdminTarget } from './admin-target.js';

/** A coordinator as the commands see it. */
export function targetOf(coordinator: ResourceCoordinator): AdminTarget {
  return {
    stats: () => coordinator.stats(),
    leases: () => coordinator.leases(),
    drain: (deadline) => coordinator.cleanup(deadline === undefined ? {} : { deadline }),
    drift: () => coordinator.drift(),
    history: (type) => coordinator.history(type),
    rollback: async (type, version, by) => {
      const before = coordinator.history(type).at(-1)?.version ?? 0;
      const { cause, ...report } = await coordinator.rollback(type, version, { by });
      // Where there was nothing to change, the version is of a change that somebody else has made.
      const made = coordinator.pools.has(type)
        ? coordinator
            .history(type)
            .find(
              (each) => each.version === report.version && each.version > before && each.kind === 'rollback',
            )
        : undefined;
      return { ...report, ...told(cause), what: made?.what ?? [] };
    },
    planRollback: (type, version) => coordinator.changes.planRollback(type, version),
    backup: (values) => coordinator.backup({ values }),
    restore: async (document, how) => {
      const { cause, ...report } = await coordinator.restore(document, how);
      return { ...report, ...told(cause) };
    },
  };
}

/** Without what a message of a driver's may hold. */
function told(cause: unknown): { cause?: string } {
  return cause === undefined ? {} : { cause: toldCause(cause) };
}

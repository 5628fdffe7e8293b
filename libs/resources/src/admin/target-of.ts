import type { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import type { AdminTarget } from './admin-target.js';

/** A coordinator as the commands see it. */
export function targetOf(coordinator: ResourceCoordinator): AdminTarget {
  return {
    drainTimeout: coordinator.drainTimeout,
    stats: () => coordinator.stats(),
    leases: () => coordinator.leases(),
    drain: (deadline) => coordinator.cleanup(deadline === undefined ? {} : { deadline }),
  };
}

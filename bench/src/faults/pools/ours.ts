import { ResourcePool } from 'nestjs-resources/pool';
import { PHASES } from '../cell.js';
import type { FaultyResource } from '../faulty-factory.js';
import { LIMITS } from '../limits.js';
import type { FaultContender } from './faultable-pool.js';

export const ours: FaultContender = {
  name: 'nestjs-resources',
  phases: PHASES,
  open: (factory) => {
    const pool = new ResourcePool<FaultyResource>(
      {
        create: () => factory.create(),
        validate: (resource) => factory.validate(resource),
        reset: (resource) => factory.reset(resource),
        destroy: (resource) => factory.destroy(resource),
      },
      {
        max: LIMITS.max,
        acquireTimeout: LIMITS.acquireTimeout,
        creation: { timeout: LIMITS.createTimeout },
        validation: { aliveBypass: 0, timeout: LIMITS.validateTimeout },
        retirement: { timeout: LIMITS.destroyTimeout },
      },
    );
    return {
      acquire: async (signal) => {
        const lease = await pool.acquire({ signal });
        return {
          resource: lease.resource,
          release: () => lease.release(),
          discard: () => lease.invalidate(),
        };
      },
      close: () => pool.close({ deadline: 0 }),
    };
  },
};

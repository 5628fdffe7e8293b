import { createPool, type Options } from 'generic-pool';
import type { FaultyResource } from '../faulty-factory.js';
import { LIMITS } from '../limits.js';
import { type FaultContender, ignore, walkAway } from './faultable-pool.js';

/** The types do not know this one. */
interface AllOptions extends Options {
  destroyTimeoutMillis: number;
}

const OPTIONS: AllOptions = {
  max: LIMITS.max,
  testOnBorrow: true,
  acquireTimeoutMillis: LIMITS.acquireTimeout,
  destroyTimeoutMillis: LIMITS.destroyTimeout,
};

export const genericPool: FaultContender = {
  name: 'generic-pool',
  phases: ['create', 'validate', 'destroy'],
  open: (factory) => {
    const pool = createPool<FaultyResource>(factory, OPTIONS);
    const acquire = async () => {
      const resource = await pool.acquire();
      return {
        resource,
        release: () => ignore(pool.release(resource)),
        discard: () => ignore(pool.destroy(resource)),
      };
    };
    return {
      acquire: (signal) => walkAway(acquire(), signal),
      close: () => pool.drain().then(() => pool.clear()),
    };
  },
};

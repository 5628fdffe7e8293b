import { Pool } from 'lightning-pool';
import { PHASES } from '../cell.js';
import type { FaultyResource } from '../faulty-factory.js';
import { LIMITS } from '../limits.js';
import { type FaultContender, walkAway } from './faultable-pool.js';

export const lightningPool: FaultContender = {
  name: 'lightning-pool',
  phases: PHASES,
  open: (factory) => {
    const pool = new Pool<FaultyResource>(factory, {
      max: LIMITS.max,
      acquireTimeoutMillis: LIMITS.acquireTimeout,
      acquireRetryWait: LIMITS.retryInterval,
    });
    const acquire = async () => {
      const resource = await pool.acquire();
      return { resource, release: () => pool.release(resource), discard: () => pool.destroy(resource) };
    };
    return {
      acquire: (signal) => walkAway(acquire(), signal),
      close: () => pool.closeAsync(true),
    };
  },
};

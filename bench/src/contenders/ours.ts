import { type Lease, ResourcePool } from 'nestjs-resources/pool';
import type { ContenderEntry } from './contender.js';

export const ours: ContenderEntry = {
  name: 'nestjs-resources',
  open: ({ max, timeout }) => {
    const pool = new ResourcePool({ create: () => ({}) }, { max, acquireTimeout: timeout ?? Infinity });
    return {
      acquire: () => pool.acquire(),
      release: (held) => (held as Lease<object>).release(),
      tryAcquire: () => pool.tryAcquire(),
      acquireWithSignal: (signal) => pool.acquire({ signal }),
      close: () => pool.close({ deadline: 0 }),
    };
  },
};

import { createPool } from 'generic-pool';
import type { ContenderEntry } from './contender.js';

export const genericPool: ContenderEntry = {
  name: 'generic-pool',
  open: ({ max, timeout }) => {
    const pool = createPool(
      { create: () => Promise.resolve({}), destroy: () => Promise.resolve() },
      { max, acquireTimeoutMillis: timeout },
    );
    return {
      acquire: () => pool.acquire(),
      release: (held) => pool.release(held as object),
      close: () => pool.drain().then(() => pool.clear()),
    };
  },
};

import { Pool } from 'lightning-pool';
import type { ContenderEntry } from './contender.js';

export const lightningPool: ContenderEntry = {
  name: 'lightning-pool',
  open: ({ max, timeout }) => {
    const pool = new Pool(
      { create: () => Promise.resolve({}), destroy: () => Promise.resolve() },
      { max, maxQueue: 1e9, acquireTimeoutMillis: timeout ?? 0 },
    );
    return {
      acquire: () => pool.acquire(),
      release: (held) => pool.release(held as object),
      close: () => pool.closeAsync(true),
    };
  },
};

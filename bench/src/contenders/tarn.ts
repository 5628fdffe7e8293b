import { Pool } from 'tarn';
import type { ContenderEntry } from './contender.js';

/** It has no way to have no deadline. */
const LONGEST = 30_000;

export const tarn: ContenderEntry = {
  name: 'tarn',
  open: ({ max, timeout }) => {
    const pool = new Pool<object>({
      create: () => Promise.resolve({}),
      destroy: () => undefined,
      min: 0,
      max,
      acquireTimeoutMillis: timeout ?? LONGEST,
    });
    return {
      acquire: () => pool.acquire().promise,
      release: (held) => pool.release(held as object),
      close: () => pool.destroy(),
    };
  },
};

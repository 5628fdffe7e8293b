import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL = 25;

/** Repeats `check` until it passes; after `within` milliseconds, many for a busy machine, fails with its last error. */
export async function eventually<R>(check: () => R | Promise<R>, within = 60_000): Promise<R> {
  const giveUpAt = performance.now() + within;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > giveUpAt) {
        throw error;
      }
    }
    await delay(INTERVAL);
  }
}

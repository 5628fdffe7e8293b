import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `condition` holds, and fails after `limit` milliseconds, many for a busy machine. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  limit = 60_000,
): Promise<void> {
  const end = performance.now() + limit;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Not within ${limit} ms: ${what}`);
    await delay(2);
  }
}

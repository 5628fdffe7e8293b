import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds between two looks. */
const INTERVAL = 10;

/** Looks over and over. @param within milliseconds @returns whether it came to hold in that time @throws what `holds` does */
export async function lookUntil(holds: () => boolean | Promise<boolean>, within: number): Promise<boolean> {
  const end = performance.now() + within;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() >= end) return false;
    await delay(INTERVAL);
  }
}

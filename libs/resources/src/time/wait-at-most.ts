import { afterTurn } from './after-turn.js';
import type { Clock } from './clock.js';

/** How long one wait holds the process before it is renewed, in milliseconds: a day. */
const HOLD = 86_400_000;

/**
 * Waits for an end, though no longer than a limit, and keeps the process alive meanwhile: a shutdown that waits forever
 * waits for something, and the process must not end under it.
 *
 * @param limit milliseconds; `Infinity` for as long as it takes, 0 for what ends within this turn of the event loop
 * @param begin is given what to call at the end
 */
export function waitAtMost(limit: number, clock: Clock, begin: (ended: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    if (limit <= 0) {
      begin(resolve);
      afterTurn(resolve);
      return;
    }
    const due = clock.now() + limit;
    const hold = (): void => {
      const remaining = due - clock.now();
      if (remaining <= 0) resolve();
      else timer = clock.setTimeout(hold, Math.min(remaining, HOLD));
    };
    let timer = clock.setTimeout(hold, Math.min(limit, HOLD));
    begin(() => {
      clock.clearTimeout(timer);
      resolve();
    });
  });
}

import { setTimeout as delay } from 'node:timers/promises';
import type { CancelPlaces } from './cancel-places.js';
import type { CancelTarget } from './cancel-target.js';
import { type CancelEnd, requestCancel } from './request-cancel.js';

/** How long a cancel has time to take effect before the next, in milliseconds: each time twice as long. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

/** What is to be cancelled, and until when. */
export interface CancelWork {
  readonly target: CancelTarget;
  readonly places: CancelPlaces;
  /** Aborted when there is no more time. */
  readonly signal: AbortSignal;
  /** Whether nothing is left to be cancelled, for good. */
  readonly isOver: () => boolean;
  /** Whether something runs now that is to be cancelled. */
  readonly isWanted: () => boolean;
  /** Hears of each request before it begins. */
  readonly asked: (ending: Promise<CancelEnd>) => void;
}

/**
 * Cancels again and again until all is over: a cancel that comes between two statements, or overtakes one on its way to the server, has no effect. Each begins
 * when the one before has ended. Never rejects.
 */
export async function cancelUntilOver({
  target,
  places,
  signal,
  isOver,
  isWanted,
  asked,
}: CancelWork): Promise<void> {
  const mayAsk = (): boolean => !signal.aborted && !isOver() && isWanted();
  for (let pause = FIRST_PAUSE; !signal.aborted && !isOver(); pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    await places.enter();
    try {
      if (mayAsk()) {
        const ending = requestCancel(target, mayAsk, signal);
        asked(ending);
        await ending;
      }
    } finally {
      places.leave();
    }
    await delay(pause, undefined, { signal, ref: false }).catch(() => undefined); // there is no more time
  }
}

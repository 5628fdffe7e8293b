import { setTimeout as delay } from 'node:timers/promises';
import type { CancelPlaces } from './cancel-places.js';
import type { CancelTarget } from './cancel-target.js';
import { type CancelEnd, requestCancel } from './request-cancel.js';

/** Milliseconds that a cancel has to take effect before it is repeated; doubled each time, up to the longest pause. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 500;

/** What is to be cancelled, and until when. */
export interface CancelWork {
  readonly target: CancelTarget;
  readonly places: CancelPlaces;
  /** Aborted when there is no more time. */
  readonly signal: AbortSignal;
  /** Whether there is nothing left to cancel, and never will be. */
  readonly isOver: () => boolean;
  /** Whether something that is to be cancelled is running now. */
  readonly isWanted: () => boolean;
  /** Called with each request to cancel, when it begins. */
  readonly asked: (ending: Promise<CancelEnd>) => void;
}

/**
 * Repeats a cancel until nothing is left to cancel, because one that arrives between two statements, or before the statement itself, has no effect.
 * Only one request is made at a time. Never rejects.
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
    await delay(pause, undefined, { signal, ref: false }).catch(() => undefined); // aborted: there is no more time
  }
}

/** A transaction or a cursor that ends by a call of its user's, and so perhaps never. */
export interface Handle {
  /** Whether it will end by what was begun already, if at all: then its end is waited for, within the limit. */
  readonly endsItself: boolean;
  /** Has somebody who waits for its end refused when that takes too long. @returns ends the wait */
  limit(refuse: (error: Error) => void): () => void;
}

/** A caller that waits for its turn. */
interface Waiter {
  readonly handle: Handle | undefined;
  go(): void;
  refuse(error: unknown): void;
}

/**
 * Lets in one at a time what must not be mixed on one session: the transactions that are begun in one transaction, or those of one scope. Each
 * transaction has a lane of its own for what is begun in it, so none waits for itself.
 *
 * `work` leaves by itself when its function is done; a {@link Handle} by a call, and so perhaps never.
 */
export class Lane {
  private inside: 'nobody' | 'work' | Handle = 'nobody';
  private readonly waiters: Waiter[] = [];
  /** Called at the next {@link leave}. */
  private changed: (() => void)[] = [];
  /** Why nobody is let in any more. */
  private ending: Error | undefined;

  /** Whether a handle is inside. */
  get hasHandle(): boolean {
    return typeof this.inside === 'object';
  }

  /**
   * Waits for the turn, which lasts until {@link leave}.
   *
   * @param handle what comes in, if it is a handle, and not work
   * @param signal ends the wait
   * @returns undefined if nobody is inside: then the turn has begun at once
   * @throws what {@link end} was given, or the {@link Handle} before it says; the signal's reason
   */
  enter(handle?: Handle, signal?: AbortSignal): Promise<void> | undefined {
    if (this.ending !== undefined) throw this.ending;
    if (this.inside !== 'nobody') return this.wait(handle, signal);
    this.inside = handle ?? 'work';
    return undefined;
  }

  private wait(handle: Handle | undefined, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settled = (): void => signal?.removeEventListener('abort', abort);
      const giveUp = this.queue({
        handle,
        go() {
          settled();
          resolve();
        },
        refuse(error) {
          settled();
          reject(error);
        },
      });
      const abort = (): void => giveUp(signal?.reason);
      signal?.addEventListener('abort', abort);
      if (signal?.aborted === true) abort();
    });
  }

  /** @returns refuses it, if its turn has not come */
  private queue(asked: Waiter): (error: unknown) => void {
    const { inside, waiters } = this;
    const before =
      typeof inside === 'object' ? inside : waiters.find((other) => other.handle !== undefined)?.handle;
    const giveUp = (error: unknown): void => {
      const place = waiters.indexOf(waiter);
      if (place === -1) return;
      waiters.splice(place, 1);
      waiter.refuse(error);
    };
    const settled = before?.limit(giveUp);
    const waiter: Waiter = {
      handle: asked.handle,
      go() {
        settled?.();
        asked.go();
      },
      refuse(error) {
        settled?.();
        asked.refuse(error);
      },
    };
    waiters.push(waiter);
    return giveUp;
  }

  /** Whether somebody is inside. */
  get isTaken(): boolean {
    return this.inside !== 'nobody';
  }

  /**
   * Calls a function when its turn comes. The turn is over when the function returns.
   *
   * @param refuse called in its place with what {@link enter} throws
   */
  pass(go: () => void, refuse: (error: unknown) => void): void {
    const passed = (): void => {
      try {
        go();
      } finally {
        this.leave();
      }
    };
    this.queue({ handle: undefined, go: passed, refuse });
  }

  leave(): void {
    const next = this.waiters.shift();
    this.inside = next === undefined ? 'nobody' : (next.handle ?? 'work');
    next?.go();
    const { changed } = this;
    this.changed = [];
    for (const tell of changed) tell();
  }

  /** Waits until no work is inside. It does not wait for a handle. */
  async quiet(): Promise<void> {
    for (;;) {
      const { inside } = this;
      if (inside === 'nobody' || (inside !== 'work' && !inside.endsItself)) return;
      let isLate = false;
      await new Promise<void>((resolve) => {
        const limited =
          inside === 'work'
            ? undefined
            : inside.limit(() => {
                isLate = true;
                resolve();
              });
        this.changed.push(() => {
          limited?.();
          resolve();
        });
      });
      if (isLate) return;
    }
  }

  /** Lets nobody in any more. @param error thrown to all who wait, and all who come */
  end(error: Error): void {
    this.ending = error;
    for (const waiter of this.waiters.splice(0)) waiter.refuse(error);
  }
}

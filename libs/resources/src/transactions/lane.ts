/** One who waits for the turn. */
interface Waiter {
  readonly isHandle: boolean;
  go(): void;
  refuse(error: unknown): void;
}

/**
 * Lets in one after the other what would get into each other's way on one session: the transactions in one transaction, or those of one scope.
 * Each has a lane of its own for what is begun in it, so nobody waits for itself.
 */
export class Lane {
  private inside: 'nobody' | 'work' | 'handle' = 'nobody';
  private readonly waiters: Waiter[] = [];
  private changed: (() => void)[] = [];
  private ending: Error | undefined;

  /** Whether somebody is in it who ends by a call, and maybe never. */
  get hasHandle(): boolean {
    return this.inside === 'handle';
  }

  /**
   * Waits for the turn, which lasts until {@link leave}.
   *
   * @param isHandle whether it ends by a call, rather than with a function's work
   * @param signal ends the wait
   * @returns undefined when nobody is inside: then it has begun
   * @throws what {@link end} was given; the signal's reason
   */
  enter(isHandle = false, signal?: AbortSignal): Promise<void> | undefined {
    if (this.ending !== undefined) throw this.ending;
    if (this.inside !== 'nobody') return this.wait(isHandle, signal);
    this.inside = isHandle ? 'handle' : 'work';
    return undefined;
  }

  private wait(isHandle: boolean, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settled = (): void => signal?.removeEventListener('abort', abort);
      const waiter: Waiter = {
        isHandle,
        go() {
          settled();
          resolve();
        },
        refuse(error) {
          settled();
          reject(error);
        },
      };
      const abort = (): void => {
        const place = this.waiters.indexOf(waiter);
        if (place !== -1) this.waiters.splice(place, 1);
        waiter.refuse(signal?.reason);
      };
      this.waiters.push(waiter);
      signal?.addEventListener('abort', abort);
      if (signal?.aborted === true) abort();
    });
  }

  /** Whether something that is done at once would have to wait. */
  get isTaken(): boolean {
    return this.inside !== 'nobody';
  }

  /** Does something that is done at once, when its turn is. @param refuse is given what {@link end} was given */
  pass(go: () => void, refuse: (error: unknown) => void): void {
    const passed = (): void => {
      try {
        go();
      } finally {
        this.leave();
      }
    };
    this.waiters.push({ isHandle: false, go: passed, refuse });
  }

  leave(): void {
    const next = this.waiters.shift();
    this.inside = next === undefined ? 'nobody' : next.isHandle ? 'handle' : 'work';
    next?.go();
    const { changed } = this;
    this.changed = [];
    for (const tell of changed) tell();
  }

  /** Waits until nobody is inside whose end can be waited for. */
  async quiet(): Promise<void> {
    while (this.inside === 'work') await new Promise<void>((resolve) => this.changed.push(resolve));
  }

  /** From now on nobody is let in. */
  end(error: Error): void {
    this.ending = error;
    for (const waiter of this.waiters.splice(0)) waiter.refuse(error);
  }
}

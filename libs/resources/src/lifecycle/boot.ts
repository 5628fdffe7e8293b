import { StartTimeoutError } from '../errors/start-timeout-error.js';
import type { Clock, ClockTimer } from '../time/clock.js';
import type { TypeLife } from './type-life.js';

/** The start of all that there was when it began, within one time for all of it. It is over at the first failure, or when each is ready or tolerated. */
export class Boot {
  /** @throws what the first of them failed with */
  readonly over: Promise<void>;
  private readonly timer: ClockTimer;
  private failure: { readonly cause: unknown } | undefined;
  private besideIsDone = false;
  private resolve!: () => void;
  private reject!: (cause: unknown) => void;

  /**
   * @param timeout most milliseconds
   * @param beside what else has to succeed
   * @param expire ends the starts of these types, whose time is up
   */
  constructor(
    private readonly lives: readonly TypeLife[],
    timeout: number,
    beside: Promise<void>,
    clock: Clock,
    expire: (starting: readonly TypeLife[]) => void,
  ) {
    this.over = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.timer = clock.setTimeout(() => {
      expire(lives.filter(({ phase }) => phase === 'starting'));
      this.end(new StartTimeoutError('cache', timeout, true)); // if that did not end it
    }, timeout);
    const done = (): void => {
      this.besideIsDone = true;
      this.look();
    };
    this.over.finally(() => clock.clearTimeout(this.timer)).catch(() => undefined);
    beside.then(done, (cause: unknown) => this.end(cause));
  }

  /** The first type whose start has not come to an end. */
  get undecided(): TypeLife | undefined {
    return this.lives.find(({ undecided }) => undecided);
  }

  /** To be told at the next look: what depends on it may have failed, too. */
  fail(cause: unknown): void {
    this.failure ??= { cause };
  }

  /** Ends it if it is over. @returns whether it has failed */
  look(): boolean {
    if (this.failure !== undefined) this.end(this.failure.cause);
    else if (this.besideIsDone && this.undecided === undefined) this.resolve();
    return this.failure !== undefined;
  }

  /** Ends it, if it has not ended, without waiting for anything. */
  end(cause: unknown): void {
    this.failure ??= { cause };
    this.reject(cause);
  }
}

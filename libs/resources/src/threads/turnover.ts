import { warnOf } from '../words/warn-of.js';
import type { Clock } from '../time/clock.js';
import type { LoadedThread } from './loaded-thread.js';

/** Milliseconds from a replacement that could not be made to the next try. */
const PAUSE = 1_000;

/** The processor whose thread is replaced. */
export interface TurnoverHost {
  readonly clock: Clock;
  /** Makes another thread. */
  load(signal: AbortSignal): Promise<LoadedThread>;
  /** There is one. @returns whether it has taken the place; if not, it waits to be taken */
  arrived(next: LoadedThread): boolean;
}

/** A processor's threads, one after the other: the next one is made before its turn comes. Of a type, one at a time is. */
export class Turnover {
  private abort: AbortController | undefined;
  private next: LoadedThread | undefined;
  private notBefore = -Infinity;

  /** @param turns of the type's processors: who is in it makes a replacement */
  constructor(
    private readonly host: TurnoverHost,
    private readonly turns: Set<unknown>,
  ) {}

  /** Makes the next one, unless it or another's is on its way. */
  begin(): void {
    if (this.turns.size > 0 || this.host.clock.now() < this.notBefore) return;
    this.turns.add(this);
    this.abort = new AbortController();
    this.host.load(this.abort.signal).then(
      (next) => {
        if (this.abort?.signal.aborted === true) void next.terminate();
        else if (this.host.arrived(next)) this.done();
        else this.next = next;
      },
      (error: unknown) => {
        if (this.abort?.signal.aborted !== true) warnOf(error); // what there is goes on
        this.notBefore = this.host.clock.now() + PAUSE;
        this.done();
      },
    );
  }

  /** The next one, if it is there and well: from now on it is the caller's. */
  take(): LoadedThread | undefined {
    const { next } = this;
    if (next === undefined) return undefined;
    this.done();
    return next.ending ? undefined : next;
  }

  /** There will be none. @param signal ends one that is there at once @throws what kept that from closing what it had to */
  async stop(signal: AbortSignal): Promise<void> {
    this.abort?.abort(new Error('its processor was taken out of service'));
    const { next } = this;
    this.done();
    await next?.retire(signal);
  }

  private done(): void {
    this.next = undefined;
    this.turns.delete(this);
  }
}

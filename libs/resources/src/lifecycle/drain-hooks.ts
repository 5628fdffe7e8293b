import { outcomeOf } from '../hooks/outcome-of.js';
import { TimeLimitError } from '../hooks/time-limit.js';
import type { DrainHookFailure } from '../reports/drain-report.js';
import type { Clock } from '../time/clock.js';
import type { NeutralGround } from '../time/neutral-ground.js';
import { waitAtMost } from '../time/wait-at-most.js';
import type { Haste } from './haste.js';

/** Most milliseconds that a shutdown waits for hooks, whatever its budget: a pause has begun by then, and draining waits for the work. */
const LONGEST = 5_000;

/** Pauses what brings an application its work: a queue's consumer, a schedule. */
export type DrainHook = () => unknown;

interface Registration {
  readonly hook: DrainHook;
}

/**
 * Users' functions that pause what brings work, called once when a shutdown begins: in the order in which they were registered,
 * without waiting for one another, on neutral ground. What fails is reported, what hangs is waited for no longer than the limit, and
 * neither holds the shutdown.
 */
export class DrainHooks {
  /** What failed so far. */
  readonly failures: DrainHookFailure[] = [];
  private readonly registrations = new Set<Registration>();
  private begun = false;
  private called: Promise<void> | undefined;

  /**
   * @param budget milliseconds that a shutdown has unless {@link callAll} is told otherwise; hooks get at most half of it
   * @param failed hears of each failure
   */
  constructor(
    private readonly clock: Clock,
    private readonly ground: NeutralGround,
    private readonly haste: Haste,
    private budget: number,
    private readonly failed: (failure: DrainHookFailure) => void,
  ) {}

  /** Whether there are some that have not been called yet. */
  get due(): boolean {
    return this.registrations.size > 0;
  }

  /** Once the others have been called, it is called at once. @returns a function that takes it back */
  add(hook: DrainHook): () => void {
    const registration = { hook };
    if (this.begun) void this.call(hook);
    else this.registrations.add(registration);
    return () => void this.registrations.delete(registration);
  }

  /**
   * @param budget milliseconds that the shutdown has
   * @returns resolves when all have settled or the limit has passed, and never rejects; undefined when there is nothing to wait for
   */
  callAll(budget = this.budget): Promise<void> | undefined {
    if (this.begun) return this.called;
    this.begun = true;
    this.budget = budget;
    if (this.registrations.size === 0) return undefined;
    const all: Promise<void>[] = [];
    for (const registration of this.registrations) {
      this.registrations.delete(registration); // one by one: a hook may take the next one back
      all.push(this.call(registration.hook));
    }
    return (this.called = Promise.all(all).then(() => undefined));
  }

  private async call(hook: DrainHook): Promise<void> {
    const { clock, ground, haste } = this;
    const since = clock.now();
    const limit = haste.made ? 0 : Math.min(this.budget / 2, LONGEST);
    let over = false;
    await waitAtMost(limit, clock, (ended) => {
      const end = (): void => {
        over = true;
        stop();
        ended();
      };
      const fail = (cause: unknown): void => {
        if (!over) this.fail(hook, cause);
        end();
      };
      const stop = haste.made ? nothing : haste.follow(ended);
      ground.run(() => run(hook, end, fail));
    });
    if (!over) this.fail(hook, new TimeLimitError('an onDrain hook', Math.round(clock.now() - since)));
    over = true;
  }

  private fail(hook: DrainHook, cause: unknown): void {
    const failure = { hook: nameOf(hook), cause };
    this.failures.push(failure);
    this.failed(failure);
  }
}

function nothing(): void {}

function run(hook: DrainHook, resolved: () => void, rejected: (cause: unknown) => void): void {
  let running: unknown;
  try {
    running = hook();
  } catch (error) {
    return rejected(error);
  }
  outcomeOf(running, { resolved, rejected });
}

/** A function may have any name, or none that can be read. */
function nameOf(hook: DrainHook): string {
  try {
    const { name } = hook as { readonly name: unknown };
    return typeof name === 'string' ? name : '';
  } catch {
    return '';
  }
}

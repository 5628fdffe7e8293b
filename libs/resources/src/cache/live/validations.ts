import { inMicrotask } from '../../hooks/in-microtask.js';
import { ValidationPolicy } from '../../policies/upkeep/validation-policy.js';
import type { Timekeeping } from '../../time/timekeeping.js';
import { verdictOf } from '../../hooks/verdict.js';
import type { CacheEvents } from '../cache-events.js';
import type { CacheSettings } from '../cache-options.js';
import type { CacheStore } from '../cache-store.js';
import { KeepAlive } from './keep-alive.js';
import type { LiveResource } from './live-resource.js';

/** Hears once, in the very step in which it is known, whether the resource has proved itself and may be lent. */
type Asker = (proved: boolean) => void;

/** Where resources go after a validation; implemented by `LiveResources`. */
export interface ValidationsHost {
  /** Nothing works with it any more, unless a caller that asked has got a lease. */
  rest(live: LiveResource): void;
}

/**
 * Lets cached resources that nobody uses prove themselves: one validation at a time for each, whoever asks. Like a load, it
 * belongs to nobody, and goes on when nobody waits any more. Meanwhile the resource is not evicted; if it leaves the
 * cache anyway, the callers that asked hear at once that they need another, and it is not destroyed while `validate` runs.
 */
export class Validations {
  private readonly running = new Map<LiveResource, Asker[]>();
  private readonly policy: ValidationPolicy;
  private readonly keepAlive: KeepAlive;

  constructor(
    private readonly type: string,
    private readonly settings: CacheSettings['validation'],
    private readonly store: CacheStore,
    private readonly events: CacheEvents,
    private readonly time: Timekeeping,
    private readonly host: ValidationsHost,
  ) {
    const { onBorrow, aliveBypass, keepAlive } = settings;
    this.policy = new ValidationPolicy(onBorrow, aliveBypass, false, keepAlive);
    this.keepAlive = new KeepAlive(this.policy, time.clock, (live, done) => this.ask(live, done));
  }

  /** Whether it may be lent only after a validation, one that is running included. In use, it proves itself all the time. */
  isDue(live: LiveResource): boolean {
    if (live.validate === undefined || live.leases.size > 0) return false;
    return this.policy.isDue(live.aliveAt, this.time.clock.now());
  }

  /** @param live is in the cache */
  ask(live: LiveResource, asker: Asker): void {
    const askers = this.running.get(live);
    if (askers !== undefined) {
      askers.push(asker);
      return;
    }
    this.running.set(live, [asker]);
    if (live.entry !== undefined) this.store.engine.pin(live.entry);
    this.time.ground.run(() => void this.run(live));
  }

  /** Nobody uses a resource of the cache, or not yet. */
  rested(live: LiveResource): void {
    this.keepAlive.rested(live);
  }

  /** A resource has left the cache; nobody may be told until removal is complete. @returns whether it is being validated */
  left(live: LiveResource): boolean {
    this.keepAlive.left(live);
    const askers = this.running.get(live);
    if (askers === undefined) return false;
    this.running.set(live, []);
    inMicrotask(() => {
      for (const asker of askers) asker(false);
    });
    return true;
  }

  /** The cache is at its end. @returns what was being validated, in the cache or not: nobody waits for that any more */
  giveUp(): LiveResource[] {
    this.keepAlive.stop();
    const all = [...this.running.keys()];
    this.running.clear();
    return all;
  }

  /** Never rejects. */
  private async run(live: LiveResource): Promise<void> {
    const { store, time, running } = this;
    await Promise.resolve(); // not within the call that asked
    const against = live.held
      ? await verdictOf(() => live.validate?.(live.resource), this.settings.timeout, time)
      : undefined;
    store.engine.peek(live.key); // takes it out when it has expired meanwhile
    const askers = running.get(live);
    if (askers === undefined) return; // the cache has closed meanwhile
    running.delete(live);
    const { key, entry } = live;
    if (entry !== undefined) store.engine.unpin(entry);
    const failed = live.held && against !== undefined;
    if (failed && entry !== undefined) store.drop(entry, 'invalid');
    const proved = live.held;
    if (proved) live.aliveAt = time.clock.now();
    for (const asker of askers) asker(proved);
    this.host.rest(live);
    if (failed) this.events.emit({ kind: 'validationFailed', type: this.type, key, cause: against.cause });
  }
}

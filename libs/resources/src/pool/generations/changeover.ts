import { GenerationRejectedError } from '../../errors/generation-rejected-error.js';
import type { GenerationStats } from '../../reports/generation-stats.js';
import type { ClockTimer } from '../../time/clock.js';
import type { Configuration } from '../configuration.js';
import type { ChangeInProgress } from '../creation/change-watch.js';
import type { Dispatcher } from '../dispatcher.js';
import type { PoolSettings } from '../pool-options.js';
import type { Slot } from '../slots/slot.js';
import { BakeCreations, type BakeHost } from './bake-creations.js';
import { canaryHost, type CanaryMaker, proveCanary } from './canary.js';
import type { ChangingPool } from './generation-change.js';
import { GenerationWatch } from './generation-watch.js';
import { checkCanaries, type ChangeSettings } from './reconfigure-options.js';

/** The pool whose generation changes. */
export interface ChangeoverHost<T> {
  /** What is in force. */
  readonly configuration: Configuration<T, PoolSettings>;
  /** Puts another one in force. @throws InvalidOptionsError when the pool can't live on its budget with it; then nothing has changed */
  adopt(configuration: Configuration<T, PoolSettings>): void;
}

/** Hears of what decides a change before its time. */
export interface ChangeListener {
  failed(cause: unknown): void;
  closed(): void;
}

/** `leaving`: it is decided, and one of the two generations is on its way out. */
type Stage = 'canary' | 'bake' | 'leaving' | 'over';

/**
 * One pool's part in a change of its generation: makes the canaries in places that callers can't take, switches, tells how the new generation does, and
 * sees out the one that is not needed any more. What happens when, `GenerationChange` decides.
 *
 * Above `max` there are at no time more than `overlap` resources. Callers are served by whatever there is, the new generation's first.
 */
export class Changeover<T> implements BakeHost<T>, ChangeInProgress, ChangingPool {
  private stage: Stage = 'canary';
  private readonly canaries: Slot<T>[] = [];
  /** Canaries that have a place, a count. */
  private placed = 0;
  /** Starts the next one, as soon as there is a place. */
  private start: (() => void) | undefined;
  private abandon: (() => void) | undefined;
  /** The configuration that is not in force: of the generation to come, and then of the one before. */
  private other: Configuration<T, PoolSettings>;
  /** What is older than this is not the new one's. */
  generation = Infinity;
  readonly creations: BakeCreations<T>;
  private watch: GenerationWatch<T> | undefined;
  private switchedAt = 0;
  private timeoutsBefore = 0;
  private deadline: ClockTimer | undefined;

  /** @throws InvalidOptionsError when there can't be so many canaries, or the pool can't live on its budget with the next configuration */
  constructor(
    private readonly dispatcher: Dispatcher<T>,
    private readonly host: ChangeoverHost<T>,
    next: Configuration<T, PoolSettings>,
    private readonly settings: ChangeSettings,
    private readonly listener: ChangeListener,
  ) {
    this.other = next;
    checkCanaries(settings, Math.min(dispatcher.max, next.settings.max), dispatcher.type);
    const { share } = dispatcher.replenisher;
    share.reserve(next.settings);
    share.reserve(host.configuration.settings);
    this.creations = new BakeCreations(dispatcher, this, settings.canary.validate);
  }

  /** Whether it may still go back. */
  get undecided(): boolean {
    return this.stage === 'canary' || this.stage === 'bake';
  }

  get wants(): number {
    return (this.start !== undefined || this.creations.wants) && this.hasRoom ? 1 : 0;
  }

  /** The configuration that is not in force, with a change that is made to the one that is. */
  otherChanged(change: Parameters<Configuration<T, PoolSettings>['changed']>[0]): () => void {
    const changed = this.other.changed(change);
    return () => void (this.other = changed);
  }

  async prepare(): Promise<void> {
    const { dispatcher, settings, canaries } = this;
    const { count, validate } = settings.canary;
    this.begin();
    while (this.stage === 'canary' && canaries.length < count) {
      const slot = await this.nextCanary();
      await proveCanary(dispatcher, this.other, slot, validate);
    }
    for (const slot of canaries) await proveCanary(dispatcher, this.other, slot, false); // one may have died
  }

  switchOver(): void {
    const { dispatcher, host, canaries, other } = this;
    const { inventory, replenisher, time, events, pending } = dispatcher;
    const now = time.clock.now();
    this.begin();
    this.other = host.configuration;
    this.generation = inventory.switchTo(other.handle, canaries);
    this.stage = 'bake';
    this.switchedAt = now;
    this.timeoutsBefore = pending.timeouts;
    this.watch = new GenerationWatch(events, inventory.slots, this.generation, (cause) =>
      this.invalid(cause),
    );
    replenisher.startOver();
    dispatcher.adjust(this.extra);
    host.adopt(other);
    dispatcher.housekeeper.start();
    for (const slot of canaries) if (slot.state === 'busy') void dispatcher.handOver(slot, now);
  }

  goBack(): void {
    const { dispatcher, host, canaries, other } = this;
    const { inventory, replenisher } = dispatcher;
    if (this.stage === 'canary') {
      this.generation = 0;
      this.start = undefined;
      this.abandon?.();
      for (const slot of canaries) if (slot.state === 'busy') void dispatcher.retire(slot, 'flushed');
    } else if (this.stage === 'bake') {
      inventory.switchBack(other.handle);
      this.generation = inventory.generations.current;
      replenisher.startOver();
      replenisher.changes.decide(this, false);
      host.adopt(other);
    }
    this.leave(false);
  }

  stop(): void {
    if (this.stage === 'canary') this.goBack();
    else if (this.stage === 'bake') this.leave(true);
  }

  async finish(): Promise<void> {
    const { spread, deadline } = this.settings.drain;
    const { inventory, time } = this.dispatcher;
    this.leave(true);
    if (deadline !== Infinity && this.outgoing > 0) {
      this.deadline = time.clock.setTimeout(() => this.revoke(), deadline);
      this.deadline.unref();
    }
    await inventory.generations.settle(spread);
  }

  stats(): GenerationStats {
    const { dispatcher, watch } = this;
    const { queue, pending, time, inventory } = dispatcher;
    const { acquired = 0, failures = 0 } = watch ?? {};
    const { since } = dispatcher.demand();
    const now = time.clock.now();
    return {
      age: now - this.switchedAt,
      size: inventory.slots.count(
        ({ generation, state }) => generation >= this.generation && state !== 'held',
      ),
      acquired,
      failures,
      errorRate: acquired === 0 ? 0 : failures / acquired,
      pending: queue.size,
      waiting: since === Infinity ? 0 : now - since,
      timeouts: pending.timeouts - this.timeoutsBefore,
    };
  }

  get baking(): boolean {
    return this.stage === 'bake';
  }

  get maker(): CanaryMaker<T> {
    return this.host.configuration;
  }

  get paused(): boolean {
    return this.dispatcher.paused;
  }

  look(): void {
    const { dispatcher } = this;
    if (this.stage === 'leaving') return this.shrink();
    if (this.stage === 'bake') {
      dispatcher.adjust(this.extra);
      return this.creations.look();
    }
    if (this.start !== undefined && this.hasRoom && dispatcher.replenisher.share.admits) this.start?.();
  }

  creationFailed(cause: unknown): boolean {
    if (this.baking) this.failed(cause);
    return this.baking;
  }

  failed(cause: unknown): void {
    this.listener.failed(cause);
  }

  /** Work with a resource has thrown. */
  workFailed(slot: Slot<T>, error: unknown): void {
    this.watch?.workFailed(slot, error);
  }

  close(): void {
    if (this.deadline !== undefined) this.dispatcher.time.clock.clearTimeout(this.deadline);
    if (this.undecided) this.listener.closed();
  }

  private begin(): void {
    this.dispatcher.replenisher.changes.begin(this);
  }

  private nextCanary(): Promise<Slot<T>> {
    const { dispatcher, other } = this;
    return new Promise((resolve, reject) => {
      const host = canaryHost(dispatcher, other, {
        wanted: () => this.stage === 'canary',
        arrived: (slot) => {
          if (this.stage === 'canary') {
            this.canaries.push(slot);
            dispatcher.inventory.fit(); // what became idle meanwhile may stand in the next one's place
            resolve(slot);
          } else void dispatcher.retire(slot, 'flushed');
        },
        failed: (cause) => {
          reject(cause);
          dispatcher.replenisher.placeFreed();
        },
      });
      this.start = () => {
        this.start = undefined;
        const creation = dispatcher.replenisher.createFor(other.settings, host);
        this.abandon = () => creation.abort(new Error('the change of generations is over'));
        this.placed++;
        dispatcher.adjust(this.extra);
      };
      dispatcher.adjust(this.extra);
      this.look();
    });
  }

  private invalid(cause: unknown): void {
    const { type } = this.dispatcher;
    const problem = 'a resource of it does not work any more';
    this.failed(new GenerationRejectedError(type, 'validate', problem, this.stats(), cause));
  }

  /** Resources that there may be above those of the pool's size, or below; a count. Callers can't have the place of the next canary. */
  private get extra(): number {
    const { overlap, canary } = this.settings;
    const needed = Math.min(canary.count, this.canaries.length + 1);
    if (this.stage === 'canary') return Math.min(0, overlap - needed) + this.placed;
    return Math.min(overlap, this.outgoing);
  }

  get hasRoom(): boolean {
    const { dispatcher, settings } = this;
    const extra = this.stage === 'canary' ? settings.overlap : this.extra;
    return dispatcher.replenisher.occupied < dispatcher.max + extra;
  }

  /** Resources of the generation that goes, or may go, a count. */
  private get outgoing(): number {
    return this.dispatcher.inventory.slots.count(({ generation }) => generation < this.generation);
  }

  private leave(succeeded: boolean): void {
    this.stage = 'leaving';
    this.watch?.stop();
    this.dispatcher.replenisher.changes.decide(this, succeeded);
    this.shrink();
  }

  /** What is left of the generation that goes may be above the pool's size, as far as it was before. */
  private shrink(): void {
    const { dispatcher } = this;
    const { changes } = dispatcher.replenisher;
    dispatcher.adjust(this.extra);
    if (this.stage !== 'leaving' || this.outgoing > 0) return;
    this.stage = 'over';
    if (this.deadline !== undefined) dispatcher.time.clock.clearTimeout(this.deadline);
    changes.forget(this);
  }

  private revoke(): void {
    const { inventory, ledger } = this.dispatcher;
    for (const lease of inventory.leases())
      if (lease.slot.generation < this.generation) ledger.overdue(lease);
  }
}

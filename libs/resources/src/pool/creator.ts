import { withTimeLimit } from '../time/time-limit.js';
import type { PoolTime } from './pool-time.js';
import type { ResourceFactory } from './resource-factory.js';
import { Slot } from './slot.js';

/** What the pool hears of creation. Each creation ends in exactly one of `arrived` and `creationFailed`. */
export interface CreationKeeper<T> {
  arrived(slot: Slot<T>): void;
  creationFailed(cause: unknown): void;
  /** A resource came too late, or was dead on arrival. */
  unwanted(resource: T, factory: ResourceFactory<T>): void;
  died(slot: Slot<T>, cause: unknown): void;
}

/** Creates resources, each within a time-out, and sees to it that none that comes late is lost. */
export class Creator<T> {
  private readonly running = new Set<AbortController>();

  constructor(
    private readonly keeper: CreationKeeper<T>,
    private readonly time: PoolTime,
  ) {}

  /** Creations that have not settled, a count. */
  get inFlight(): number {
    return this.running.size;
  }

  /**
   * @param limit most milliseconds
   * @returns resolves when it has ended, one way or the other
   */
  async create(factory: ResourceFactory<T>, generation: number, limit: number): Promise<void> {
    const { keeper, time } = this;
    const controller = new AbortController();
    const { signal } = controller;
    let slot: Slot<T> | undefined;
    let dead: { cause: unknown } | undefined;
    const retire = (cause?: unknown): void => {
      if (slot === undefined) dead ??= { cause };
      else keeper.died(slot, cause);
    };
    this.running.add(controller);
    try {
      const resource = await withTimeLimit('create', () => factory.create({ signal, retire, key: '' }), {
        limit,
        ...time,
        signal,
        late: (resource) => keeper.unwanted(resource, factory),
      });
      if (dead !== undefined) {
        keeper.unwanted(resource, factory);
        throw dead.cause ?? new Error('it was retired before its creation had ended');
      }
      slot = new Slot(resource, factory, generation, time.clock.now());
    } catch (error) {
      this.running.delete(controller);
      controller.abort(error);
      keeper.creationFailed(error);
      return;
    }
    this.running.delete(controller);
    keeper.arrived(slot);
  }

  /** Ends all creations in flight: they fail with `reason`, and what still comes of them is unwanted. */
  abort(reason: Error): void {
    for (const controller of this.running) controller.abort(reason);
  }
}

import { withTimeLimit } from '../../time/time-limit.js';
import type { PoolTime } from '../pool-time.js';
import type { ResourceFactory } from '../factory/resource-factory.js';

/** What the pool hears of destruction. */
export interface DestructionListener<T> {
  destroyed(resource: T): void;
  destroyFailed(cause: unknown): void;
}

/**
 * Destroys resources on neutral ground, each within a time-out, and never fails: a `destroy` that throws or hangs is
 * reported, and its place is free again all the same.
 */
export class Destroyer<T> {
  /** Each resolves when its resource is gone. */
  readonly running = new Set<Promise<void>>();

  constructor(
    private readonly listener: DestructionListener<T>,
    private readonly time: PoolTime,
  ) {}

  /** Resources whose `destroy` has not settled, a count. */
  get inFlight(): number {
    return this.running.size;
  }

  /** @param limit most milliseconds */
  destroy(resource: T, factory: ResourceFactory<T>, limit: number): Promise<void> {
    return this.time.ground.run(() => {
      const done = withTimeLimit('destroy', () => factory.destroy?.(resource), { limit, ...this.time })
        .catch((error: unknown) => this.listener.destroyFailed(error))
        .then(() => {
          this.running.delete(done);
          this.listener.destroyed(resource);
        });
      this.running.add(done);
      return done;
    });
  }

  /** Resolves when all that is being destroyed now is gone. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }
}

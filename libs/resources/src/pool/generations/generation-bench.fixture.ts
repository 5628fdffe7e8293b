import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { CountingFactory, type Thing } from '../counting-factory.fixture.js';
import { Outcome } from '../deferred.fixture.js';
import { PoolBench } from '../pool-bench.fixture.js';
import type { PoolOptions } from '../pool-options.js';
import type { ResourcePoolOptions } from '../resource-pool-options.js';
import type { ChangeOutcome } from './generation-change.js';
import { type ReconfigureOptions, readReconfigureOptions } from './reconfigure-options.js';

/** A pool on the workbench, and the factory of its next generation. */
export class GenerationBench extends PoolBench {
  readonly next: CountingFactory;

  constructor(
    options: ResourcePoolOptions = {},
    set: Partial<CountingFactory> = {},
    next: Partial<CountingFactory> = {},
    clock = new VirtualClock(),
  ) {
    super(options, set, clock);
    this.next = Object.assign(new CountingFactory(), next);
  }

  /** Changes to the next factory, or another one. */
  change(
    options: ReconfigureOptions<Thing> = {},
    change: PoolOptions = {},
    factory = this.next,
  ): Outcome<ChangeOutcome> {
    const settings = readReconfigureOptions(options, this.pool.type);
    const { run } = this.pool.beginChange(change, factory, settings);
    return new Outcome(
      run === undefined ? Promise.resolve({ outcome: 'applied' }) : run(new AbortController().signal),
    );
  }

  /** Resources that exist, of both. */
  get alive(): number {
    return this.factory.alive + this.next.alive;
  }
}

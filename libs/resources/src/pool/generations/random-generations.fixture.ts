import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { Outcome } from '../deferred.fixture.js';
import type { ResourceFactory } from '../factory/resource-factory.js';
import type { Lease } from '../leases/lease.js';
import { ResourcePool } from '../resource-pool.js';
import type { ChangeOutcome } from './generation-change.js';
import { readReconfigureOptions } from './reconfigure-options.js';

/** A resource of the test's. */
interface Part {
  readonly maker: number;
  destroyed: number;
}

/** A factory that may begin to fail until it is in force for good; if it never is, it fails on. */
class Maker implements ResourceFactory<Part> {
  broken: 'create' | 'validate' | undefined;
  dismissed = false;

  constructor(
    private readonly world: RandomGenerations,
    readonly number: number,
  ) {}

  async create(): Promise<Part> {
    const { world } = this;
    world.enter();
    await world.moment();
    if (this.fails('create')) {
      world.leave();
      throw new Error('create');
    }
    const part = { maker: this.number, destroyed: 0 };
    world.parts.push(part);
    return part;
  }

  async destroy(part: Part): Promise<void> {
    part.destroyed++;
    await this.world.moment();
    this.world.leave();
  }

  async validate(): Promise<boolean> {
    await this.world.moment();
    return !this.fails('validate');
  }

  private fails(hook: Maker['broken']): boolean {
    return this.broken === hook && (this.dismissed || this.world.undecided);
  }
}

/**
 * Random callers, and random changes of generations that may fail at any point, over a virtual clock. Beside the pool stands the simplest model of it:
 * how many resources there are, whose factory is in force, and who still waits.
 */
export class RandomGenerations {
  readonly parts: Part[] = [];
  /** Most resources that there were at one time, a count. */
  peak = 0;
  /** Resources that exist, or are on their way, a count. */
  present = 0;
  readonly outcomes: ChangeOutcome['outcome'][] = [];
  readonly max: number;
  readonly overlap: number;
  private readonly clock = new VirtualClock();
  private readonly pool: ResourcePool<Part>;
  private readonly leases: Lease<Part>[] = [];
  private readonly asked: Outcome<Lease<Part>>[] = [];
  private inForce: Maker;
  private changing: { next: Maker; outcome: Outcome<ChangeOutcome> } | undefined;
  private makers = 0;

  constructor(private readonly random: (below: number) => number) {
    this.max = 1 + random(5);
    this.overlap = random(4);
    this.inForce = new Maker(this, this.makers++);
    this.pool = new ResourcePool(this.inForce, {
      clock: this.clock,
      random: () => random(1_000) / 1_000,
      max: this.max,
      min: random(this.max + 1),
      acquireTimeout: Infinity,
      idleTimeout: 2_000,
      maxUses: 1 + random(20),
      lending: { order: random(2) === 0 ? 'mostRecent' : 'leastRecent' },
      validation: { aliveBypass: random(300), onBorrow: random(2) === 0 },
      creation: { retry: { attempts: 1 + random(3) } },
      retirement: { timeout: 1_000 },
    });
  }

  get undecided(): boolean {
    return this.pool.configured.undecided;
  }

  enter(): void {
    this.peak = Math.max(this.peak, ++this.present);
  }

  leave(): void {
    this.present--;
  }

  moment(): Promise<void> {
    const delay = this.random(40);
    return delay < 10
      ? Promise.resolve()
      : new Promise((resolve) => void this.clock.setTimeout(resolve, delay));
  }

  async step(): Promise<void> {
    const chance = this.random(20);
    if (chance < 7) this.asked.push(new Outcome(this.pool.acquire()));
    else if (chance < 13) this.giveBack();
    else if (chance === 13) this.begin();
    else if (chance === 14) this.breakNext();
    else await this.clock.advance(this.random(120));
    await settle();
    this.collect();
  }

  /** Everything comes to its end. */
  async finish(): Promise<void> {
    for (let round = 0; round < 400 && !this.isQuiet; round++) {
      while (this.leases.length > 0) this.giveBack();
      await this.clock.advance(100);
      this.collect();
    }
  }

  get isQuiet(): boolean {
    return this.changing === undefined && this.asked.length === 0 && this.leases.length === 0;
  }

  /** Callers that were told of a failure, a count. */
  failed = 0;

  /** Those of no generation that is in force. */
  get leftovers(): Part[] {
    return this.parts.filter(({ maker, destroyed }) => maker !== this.inForce.number && destroyed !== 1);
  }

  async close(): Promise<void> {
    const closed = new Outcome(this.pool.close({ deadline: 0 }));
    while (closed.state === 'pending') await this.clock.advance(100);
  }

  private begin(): void {
    if (this.changing !== undefined) return;
    const { random } = this;
    const next = new Maker(this, this.makers++);
    if (random(4) === 0) this.breakMaker(next);
    const abortAfter = random(3) === 0 ? random(2_000) : Infinity;
    const settings = readReconfigureOptions(
      {
        canary: { count: random(this.max + 1), timeout: 500 + random(5_000) },
        bake: 1 + random(3_000),
        abortIf: ({ age }) => age > abortAfter,
        overlap: this.overlap,
        drain: { spread: random(1_000), deadline: random(3) === 0 ? 1_000 : Infinity },
      },
      'part',
    );
    const { run } = this.pool.beginChange({}, next, settings);
    if (run !== undefined) this.changing = { next, outcome: new Outcome(run(new AbortController().signal)) };
  }

  /** What has been switched to may turn bad at any moment of its bake. */
  private breakNext(): void {
    if (this.changing !== undefined) this.breakMaker(this.changing.next);
  }

  private breakMaker(maker: Maker): void {
    maker.broken = this.random(2) === 0 ? 'create' : 'validate';
  }

  private giveBack(): void {
    const [lease] = this.leases.splice(this.random(this.leases.length), 1);
    if (lease === undefined) return;
    if (this.random(8) === 0) void lease.invalidate();
    else void lease.release();
  }

  private collect(): void {
    for (const asked of this.asked.splice(0)) {
      if (asked.state === 'pending') this.asked.push(asked);
      else if (asked.value !== undefined) this.leases.push(asked.value);
      else this.failed++;
    }
    const { changing } = this;
    if (changing?.outcome.value === undefined) return;
    this.outcomes.push(changing.outcome.value.outcome);
    if (changing.outcome.value.outcome === 'applied') this.inForce = changing.next;
    else changing.next.dismissed = true;
    this.inForce.broken = undefined;
    this.changing = undefined;
  }
}

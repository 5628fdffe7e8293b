import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import type { Thing } from '../counting-factory.fixture.js';
import { never } from '../deferred.fixture.js';
import type { Lease } from '../leases/lease.js';
import { PoolBench } from '../pool-bench.fixture.js';
import { seeded } from '../seeded.fixture.js';
import { ResourceBudget } from './resource-budget.js';

/** One pool, and what its users have and wait for. */
class Party {
  readonly held: Lease<Thing>[] = [];
  waiting = 0;

  constructor(readonly bench: PoolBench) {}

  ask(timeout: number): void {
    this.waiting++;
    this.bench.pool.acquire({ timeout }).then(
      (lease) => {
        this.waiting--;
        lease.resource.enter(lease.owner);
        this.held.push(lease);
      },
      () => this.waiting--,
    );
  }

  giveBack(index: number, broken: boolean): void {
    const [lease] = this.held.splice(index, 1);
    if (lease === undefined) return;
    lease.resource.leave();
    void (broken ? lease.invalidate() : lease.release());
  }
}

/** Does anything to pools that share a budget, and checks after each step what must hold at any time. */
export class BudgetDriver {
  private readonly random: (below: number) => number;
  private readonly clock = new VirtualClock();
  private readonly budget: ResourceBudget;
  private readonly parties: Party[];
  private healthy = false;

  constructor(seed: number) {
    this.random = seeded(seed);
    const count = 2 + this.random(2);
    const budget = new ResourceBudget(2 * count + this.random(4));
    this.budget = budget;
    this.parties = Array.from({ length: count }, (_, index) => {
      const options = {
        type: `pool ${index}`,
        random: () => this.random(1_000) / 1_000,
        min: this.random(3),
        minIdle: this.random(3),
        max: 2 + this.random(budget.total),
        idleTimeout: 300,
        maxLifetime: this.random(2) === 0 ? 900 : Infinity,
        creation: { concurrency: 1 + this.random(3), timeout: 100 },
        retirement: { timeout: 60 },
        quota: { budget },
      };
      const trouble = {
        creating: () => this.behave([30, 4, 20]),
        destroying: () => this.behave([30, 3, 20, 3]),
        ...(this.random(2) === 0 && { reset: () => this.behave([30, 1, 10]) }),
      };
      return new Party(new PoolBench(options, trouble, this.clock));
    });
  }

  async run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.act(this.parties[this.random(this.parties.length)]);
      this.check();
      await settle();
      this.check();
      if (this.random(3) === 0) await this.clock.advance(this.random(60));
      this.check();
    }
    await this.end();
  }

  private act(party: Party): void {
    const { pool, factory } = party.bench;
    const actions = [
      () => party.ask(1 + this.random(2_000)),
      () => party.ask(1 + this.random(2_000)),
      () => party.ask(1 + this.random(2_000)),
      () => party.giveBack(0, false),
      () => party.giveBack(0, false),
      () => party.giveBack(this.random(party.held.length || 1), this.random(3) === 0),
      () => factory.created[factory.created.length - 1 - this.random(10)]?.context.retire(),
      () => this.random(4) === 0 && void pool.flush({ spread: this.random(2) * 100 }),
      () => this.random(4) === 0 && void pool.warmUp().catch(() => undefined),
      () => pool.resize({ max: 2 + this.random(this.budget.total) }),
      () => this.random(6) === 0 && pool.pause(),
      () => pool.resume(),
    ];
    actions[this.random(actions.length)]();
  }

  /** Succeeds, fails, takes a while or hangs, as often as the weights say. */
  private behave([well, fails, slow, hangs = 0]: number[]): unknown {
    if (this.healthy) return undefined;
    const dice = this.random(well + fails + slow + hangs);
    if (dice < well) return undefined;
    if (dice < well + fails) return Promise.reject(new Error('broken'));
    if (dice >= well + fails + slow) return never();
    return new Promise<void>((resolve) => this.clock.setTimeout(resolve, this.random(50)));
  }

  private check(): void {
    const used = this.parties.map(({ bench }) => bench.pool.stats.size + bench.pool.stats.destroying);
    const sum = used.reduce((total, each) => total + each, 0);
    if (sum > this.budget.total || sum !== this.budget.used) {
      throw new Error(`${used.join(' + ')} of ${this.budget.total} units, ${this.budget.used} on the books`);
    }
  }

  /** When nothing fails any more and all leases come back, units are shared, everybody is served, and all units are back. */
  private async end(): Promise<void> {
    this.healthy = true;
    await this.clock.advance(2_100);
    for (const { bench } of this.parties) bench.pool.resume();
    for (const party of this.parties) for (let caller = 0; caller < 60; caller++) party.ask(60_000);
    for (let round = 0; round < 80; round++) {
      await this.clock.advance(100);
      this.check();
      if (round === 30) this.checkShares();
      for (const party of this.parties) {
        party.giveBack(0, false);
        if (round > 30) while (party.held.length > 0) party.giveBack(0, false);
      }
    }
    for (const [index, { waiting }] of this.parties.entries()) {
      if (waiting > 0) throw new Error(`${waiting} callers of pool ${index} were never served`);
    }
    const closed = Promise.all(this.parties.map(({ bench }) => bench.pool.close({ deadline: 10 })));
    await this.clock.advance(1_000);
    await closed;
    if (this.budget.used !== 0 || this.clock.running !== 0) {
      throw new Error(`left over: ${this.budget.used} units, ${this.clock.running} timers`);
    }
  }

  /** Where callers wait in all pools, no unit is unused that any of them could use, and none has two more than another that could use one. */
  private checkShares(): void {
    const shares = this.parties.map(({ bench }) => bench.pool.stats);
    const least = Math.min(...shares.filter(({ size, max }) => size < max).map(({ size }) => size));
    const most = Math.max(...shares.filter(({ size, min }) => size > min).map(({ size }) => size));
    const free = this.budget.total - this.budget.used;
    if (most - least > 1 || (free > 0 && least < Infinity)) {
      throw new Error(`shares of ${this.budget.total}: ${JSON.stringify(shares)}`);
    }
  }
}

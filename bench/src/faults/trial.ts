import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../command/random.js';
import type { Abort, Cell, CellResult, Phase, Violation } from './cell.js';
import { FairClock } from './fair-clock.js';
import { FaultyFactory, type FaultyResource } from './faulty-factory.js';
import { GRACE, LIMITS, TOOK } from './limits.js';
import type { FaultablePool, FaultContender, Loan } from './pools/faultable-pool.js';

const BEFORE = 100;
const TROUBLE = 300;
const RECOVERY_LIMIT = 1_500;
const CLOSE_LIMIT = 1_000;
const ABORT_AFTER = 3;
const DISCARDED = 0.25;
/** A resource that came late may exist besides the others for a moment, until it is destroyed. */
const TOO_MANY_FOR = 10;

interface Caller {
  readonly asked: number;
  readonly controller: AbortController;
  readonly aborts: boolean;
}

const ABORT_IN: Partial<Record<Phase, Abort>> = { create: 'while creating', validate: 'while validating' };

/**
 * One cell over one pool: callers come and go, some discard what they had, some abort; for a while the factory has
 * trouble. Everything random comes from the seed, so that all pools meet the same callers.
 */
export class Trial {
  private readonly clock = new FairClock();
  private readonly random: Random;
  private readonly factory: FaultyFactory;
  private readonly pool: FaultablePool;
  private readonly violations: Partial<Record<Violation, number>> = {};
  private readonly waiting = new Set<Caller>();
  private readonly held = new Set<FaultyResource>();
  private stuck = 0;
  private callers = 0;
  private troubleEnded = Infinity;
  private recoveredAt: number | undefined;

  constructor(
    contender: FaultContender,
    private readonly cell: Cell,
    seed: number,
  ) {
    this.random = new Random(seed);
    this.factory = new FaultyFactory(cell);
    this.factory.onCreated = () => setTimeout(() => this.checkCount(), TOO_MANY_FOR);
    this.factory.onPhase = (phase) => this.abortIn(phase);
    this.pool = contender.open(this.factory);
  }

  async run(): Promise<CellResult> {
    process.on('unhandledRejection', () => this.violate('unhandled rejection'));
    process.on('uncaughtException', () => this.violate('uncaught exception'));
    await this.arrivals(BEFORE);
    this.factory.troubled = true;
    await this.arrivals(TROUBLE);
    this.factory.troubled = false;
    this.troubleEnded = this.clock.now();
    await this.arrivals(RECOVERY_LIMIT, () => this.recoveredAt !== undefined);
    this.stuck += await this.waitingInTheEnd();
    const closed = await this.close();
    await delay(TOOK.late);
    return {
      violations: this.violations,
      stuck: this.stuck,
      leaked: this.factory.live.size,
      closed,
      recovery: this.recoveredAt === undefined ? undefined : this.recoveredAt - this.troubleEnded,
    };
  }

  private async arrivals(duration: number, enough: () => boolean = () => false): Promise<void> {
    const end = this.clock.now() + duration;
    while (this.clock.now() < end && !enough()) {
      void this.call();
      await delay(this.random.between(4, 12));
    }
  }

  /** Callers that even the grace did not help. */
  private async waitingInTheEnd(): Promise<number> {
    const end = this.clock.now() + LIMITS.acquireTimeout + GRACE;
    while (this.waiting.size > 0 && this.clock.now() < end) await delay(TOOK.slow);
    return this.waiting.size;
  }

  private async call(): Promise<void> {
    const discards = this.random.chance(DISCARDED);
    const hold = this.random.between(5, 15);
    const loan = await this.acquire();
    if (loan === undefined) return;
    this.checkLoan(loan.resource);
    this.held.add(loan.resource);
    await delay(hold);
    this.held.delete(loan.resource);
    if (discards) loan.discard();
    else loan.release();
  }

  private async acquire(): Promise<Loan | undefined> {
    const aborts = this.cell.abort !== 'never' && this.callers++ % 2 === 0;
    const caller = { asked: this.clock.now(), controller: new AbortController(), aborts };
    this.waiting.add(caller);
    if (aborts && this.cell.abort === 'while queued' && this.held.size === LIMITS.max) {
      setTimeout(() => this.waiting.has(caller) && caller.controller.abort(), ABORT_AFTER);
    }
    try {
      const loan = await this.ask(caller.controller.signal);
      if (caller.asked >= this.troubleEnded) this.recoveredAt ??= this.clock.now();
      return loan;
    } catch {
      return undefined; // refused, timed out or aborted: settled all the same
    } finally {
      this.waiting.delete(caller);
      if (this.clock.now() - caller.asked > LIMITS.acquireTimeout + GRACE) this.stuck++;
    }
  }

  private ask(signal: AbortSignal): Promise<Loan> {
    try {
      return this.pool.acquire(signal);
    } catch (error) {
      this.violate('acquire threw');
      return Promise.reject(error);
    }
  }

  /** The oldest of the callers that abort does so, a moment after the phase has begun. */
  private abortIn(phase: Phase): void {
    if (ABORT_IN[phase] !== this.cell.abort) return;
    setImmediate(() => [...this.waiting].find(({ aborts }) => aborts)?.controller.abort());
  }

  private async close(): Promise<boolean> {
    const closed = this.pool.close().then(
      () => true,
      () => true,
    );
    return await Promise.race([closed, delay(CLOSE_LIMIT, false)]);
  }

  private checkLoan(resource: FaultyResource): void {
    if (this.held.has(resource)) this.violate('lent twice');
    if (resource.destroyed) this.violate('lent after destroy');
    else if (!resource.fit || resource.busy > 0) this.violate('lent unfit');
  }

  private checkCount(): void {
    if (this.factory.live.size > LIMITS.max) this.violate('more than max');
  }

  private violate(violation: Violation): void {
    this.violations[violation] = (this.violations[violation] ?? 0) + 1;
  }
}

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../command/random.js';
import { type HashingCoordinator, openCoordinator } from './contenders.js';

/** Whose tasks are queued, and how many of a hundred are theirs: a fair queue serves both alike all the same. */
const TENANTS = { large: 80, small: 20 } as const;
type Tenant = keyof typeof TENANTS;

/** Milliseconds of work in a task. */
const WORK = 1;
const ABORTED = 0.1;
/** Tasks that are asked for in one turn of the event loop while the queue is filled, a count: requests, too, come one by one. */
const AT_ONCE = 10;
const NANOSECONDS = 1_000_000;

export interface LoadRun {
  readonly threads: number;
  /** Tasks that are waiting all the time, a count. */
  readonly queued: number;
  /** Milliseconds of each spell: idle, and under load, in turns. */
  readonly spell: number;
  readonly spells: number;
  readonly blocksPerMillisecond: number;
  readonly random: Random;
}

export interface LoadFigures {
  /** Milliseconds by which the event loop was late, at the 99th percentile. */
  readonly idle: number;
  readonly underLoad: number;
  /** Tasks that were completed while both tenants had others waiting, counts. */
  readonly completed: Readonly<Record<Tenant, number>>;
  /** Tasks that were aborted, while they waited or ran, a count. */
  readonly aborted: number;
  /** Least tasks that were seen waiting, a count. */
  readonly waiting: number;
}

/** How late the event loop is with nothing to do and with all threads busy, in turns; and whom the queue serves meanwhile. */
export async function measureLoad(run: LoadRun): Promise<LoadFigures> {
  const idle = monitorEventLoopDelay({ resolution: 1 });
  const underLoad = monitorEventLoopDelay({ resolution: 1 });
  const load = new Load(await openCoordinator(run.threads), run);
  try {
    await load.warmUp();
    for (let spell = 0; spell < run.spells; spell++) {
      idle.enable();
      await delay(run.spell);
      idle.disable();
      await load.begin();
      underLoad.enable();
      await load.during(run.spell);
      underLoad.disable();
      await load.end();
    }
  } finally {
    await load.close();
  }
  const p99 = (histogram: typeof idle): number => histogram.percentile(99) / NANOSECONDS;
  const { completed, aborted, waiting } = load;
  return { idle: p99(idle), underLoad: p99(underLoad), completed, aborted, waiting };
}

/** Two tenants' tasks, one in ten of which is aborted. For each that is done, another one of the same tenant is queued. */
class Load {
  readonly completed = { large: 0, small: 0 };
  aborted = 0;
  waiting = Infinity;
  private readonly blocks: number;
  private readonly stop = new Set<AbortController>();
  private readonly open = { large: 0, small: 0 };
  private goesOn = false;
  private measures = false;

  constructor(
    private readonly coordinator: HashingCoordinator,
    private readonly run: LoadRun,
  ) {
    this.blocks = Math.round(WORK * run.blocksPerMillisecond);
  }

  async warmUp(): Promise<void> {
    const { coordinator, blocks } = this;
    await Promise.all(Array.from({ length: 200 }, () => coordinator.run(blocks)));
  }

  /** Fills the queue. */
  async begin(): Promise<void> {
    this.goesOn = true;
    const { queued, threads } = this.run;
    const tenants = (Object.keys(TENANTS) as Tenant[]).flatMap((tenant) =>
      Array.from({ length: Math.ceil((queued * TENANTS[tenant]) / 100) + threads }, () => tenant),
    );
    for (const [index, tenant] of tenants.entries()) {
      this.ask(tenant);
      if (index % AT_ONCE === 0) await nextTurn();
    }
  }

  async during(milliseconds: number): Promise<void> {
    this.measures = true;
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      await delay(20);
      this.waiting = Math.min(this.waiting, this.open.large + this.open.small - this.run.threads);
    }
    this.measures = false;
  }

  /** Gives up what is left. */
  async end(): Promise<void> {
    this.goesOn = false;
    for (const controller of this.stop) controller.abort();
    while (this.open.large + this.open.small > 0) await delay(5);
  }

  async close(): Promise<void> {
    await this.coordinator.close();
  }

  private ask(tenant: Tenant): void {
    const { random, queued, threads } = this.run;
    const controller = new AbortController();
    this.stop.add(controller);
    this.open[tenant]++;
    const longest = (queued * WORK) / threads; // that it may wait and run
    const timer = random.chance(ABORTED)
      ? setTimeout(() => controller.abort(), random.between(0, longest))
      : undefined;
    const settled = (): void => {
      clearTimeout(timer);
      this.stop.delete(controller);
      this.open[tenant]--;
      if (this.goesOn) this.ask(tenant);
    };
    this.coordinator.runFor(tenant, this.blocks, controller.signal).then(
      () => {
        if (this.measures) this.completed[tenant]++;
        settled();
      },
      () => {
        if (this.measures) this.aborted++;
        settled();
      },
    );
  }
}

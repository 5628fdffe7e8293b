import { DependencyError } from '../errors/dependency-error.js';
import { PoolClosedError } from '../errors/pool-closed-error.js';
import { UnknownResourceError } from '../errors/unknown-resource-error.js';
import { inMicrotask } from '../hooks/in-microtask.js';
import type { DrainReport } from '../reports/drain-report.js';
import type { Phase } from '../reports/phase.js';
import type { Clock } from '../time/clock.js';
import type { NeutralGround } from '../time/neutral-ground.js';
import { Boot } from './boot.js';
import { checkDependencies, type Dependent, inOrder } from './dependency-graph.js';
import type { Lifecycle } from './lifecycle.js';
import { TypeEnds } from './type-ends.js';
import { type LivingPart, type StartSettings, TypeLife } from './type-life.js';
import { type StartListener, TypeStarts } from './type-starts.js';

/**
 * The lives of all types. Starts each when what it depends on is ready, side by side where they are independent, and stops them in the
 * reverse order. Between the two, it sees to it that a type whose dependency is lost lends nothing until that is back.
 *
 * It knows pools and caches only as parts that start and stop. What becomes of the coordinator is for its user to say.
 */
export class TypeLives implements StartListener {
  /** Whether some type lends nothing because of a dependency: asked at every loan. */
  refusing = false;
  private readonly byType = new Map<string, TypeLife>();
  private readonly starts: TypeStarts;
  private readonly ends: TypeEnds;
  private stage: 'registering' | 'started' | 'ended' = 'registering';
  private boot: Boot | undefined;
  private lookDue = false;

  /** @param changed is called when types may have entered phases */
  constructor(
    private readonly lifecycle: Lifecycle,
    private readonly clock: Clock,
    ground: NeutralGround,
    private readonly changed: () => void,
  ) {
    this.starts = new TypeStarts(clock, ground, this);
    this.ends = new TypeEnds(this.starts);
  }

  get phases(): Record<string, Phase> {
    return Object.fromEntries([...this.byType].map(([type, { phase }]) => [type, phase]));
  }

  /** @throws UnknownResourceError */
  phaseOf(type: string): Phase {
    const life = this.byType.get(type);
    if (life === undefined) throw UnknownResourceError.forType(type, [...this.byType.keys()]);
    return life.phase;
  }

  /** Why the first of those that are degraded is so; undefined when none is. */
  get impairment(): { readonly cause: unknown } | undefined {
    for (const { phase, machine } of this.byType.values())
      if (phase === 'degraded') return { cause: machine.last.cause };
    return undefined;
  }

  /** What a caller gets that borrows of a type whose dependency is not ready; undefined for all other types. */
  refusal(type: string, owner: string | undefined): DependencyError | undefined {
    const obstacle = this.byType.get(type)?.obstacle;
    if (obstacle === undefined) return undefined;
    const { dependency, phase, cause } = obstacle;
    return new DependencyError(type, dependency, phase, cause, owner ?? 'a new caller');
  }

  /**
   * To be called before types are added: once all have started, one that could not start would wait forever.
   *
   * @throws InvalidOptionsError, UnknownResourceError
   */
  check(additions: readonly Dependent[]): void {
    if (this.stage !== 'started') return;
    const types = new Map<string, Dependent>(this.byType);
    for (const { type, dependsOn, at } of additions) {
      const before = types.get(type)?.dependsOn ?? [];
      types.set(type, { type, dependsOn: [...before, ...dependsOn], at });
    }
    checkDependencies(types, additions);
  }

  /** Begins a type's life, or adds to it, and starts it if all have started already. */
  add(type: string, part: LivingPart, settings: StartSettings): void {
    const known = this.byType.get(type);
    const life =
      known === undefined || known.stopping !== undefined
        ? new TypeLife(type, this.lifecycle.begin(type))
        : known;
    life.add(part, settings, this.stage !== 'registering');
    this.byType.set(type, life);
    if (life.started) part.start().catch(() => undefined); // what comes of it is seen when it is looked at
    this.look();
  }

  /** Ends one part of a type, and with the last one the type. @param deadline milliseconds from now */
  async remove(type: string, source: LivingPart['source'], deadline: number): Promise<DrainReport> {
    const life = this.byType.get(type);
    const part = life?.parts.get(source);
    if (life === undefined || part === undefined)
      throw UnknownResourceError.forType(type, [...this.byType.keys()]);
    if (life.parts.size > 1) {
      const report = await part.stop(deadline);
      if (life.parts.get(source) === part) life.parts.delete(source);
      return report;
    }
    const over = this.ends.end(life, () => deadline, []);
    this.settle();
    const report = await over;
    this.lifecycle.forget(life.machine);
    if (this.stage !== 'ended' && this.byType.get(type) === life) this.byType.delete(type);
    this.settle();
    return report;
  }

  /** @throws UnknownResourceError for a dependency that nobody registered, InvalidOptionsError for a circle */
  checkAll(): void {
    checkDependencies(this.byType, this.byType.values());
  }

  /**
   * Starts all that there is. Resolves when each of them is ready, or degraded and optional.
   *
   * @param timeout most milliseconds for all together
   * @param beside what else has to succeed
   * @throws what the first of them failed with, at once: to stop the others is for the caller
   */
  start(timeout: number, beside: Promise<void>): Promise<void> {
    this.stage = 'started';
    this.boot = new Boot([...this.byType.values()], timeout, beside, this.clock, (starting) => {
      for (const life of starting) this.starts.expire(life, timeout, true);
    });
    this.settle();
    return this.boot.over;
  }

  /** Stops all, each when those that depend on it have stopped. @param remaining tells the milliseconds that are left */
  stop(remaining: () => number): Promise<DrainReport> {
    this.stage = 'ended';
    this.refusing = false;
    const { type = 'cache' } = this.boot?.undecided ?? {};
    const report = this.ends.endAll(this.byType, remaining);
    this.boot?.end(new PoolClosedError(type, 'warmUp()')); // if it goes on
    return report;
  }

  /** Something has happened that may change a type's phase. */
  look(): void {
    if (this.stage !== 'started' || this.lookDue) return;
    this.lookDue = true;
    inMicrotask(() => {
      this.lookDue = false;
      this.settle();
    });
  }

  hasStarted(life: TypeLife): void {
    life.started = true;
    this.settle();
  }

  hasNotStarted(life: TypeLife, cause: unknown): void {
    life.startFailure = cause;
    if (life.phase === 'starting') this.giveUp(life, cause);
    this.settle();
  }

  wasTried(): void {
    this.settle();
  }

  /** Brings every type into the phase that follows from how it and its dependencies fare, dependencies first. */
  private settle(): void {
    for (const life of inOrder(this.byType)) {
      if (this.stage !== 'started') return;
      if (life.phase === 'registered') this.startIfItCan(life);
      else if (life.phase === 'ready' || life.phase === 'degraded') this.judge(life);
      else if (life.phase === 'starting' && life.started) this.judge(life);
    }
    if (this.stage !== 'started') return;
    this.refusing = [...this.byType.values()].some(({ obstacle }) => obstacle !== undefined);
    if (this.boot?.look() === true) this.stage = 'ended';
    else this.changed();
  }

  private startIfItCan(life: TypeLife): void {
    if (this.lifecycle.draining) return;
    const unready = this.unready(life);
    const lost = unready.find((name) => this.byType.get(name)?.undecided !== true);
    const obstacle = lost ?? unready.at(0);
    life.obstacle = obstacle === undefined ? undefined : life.hinderedBy(obstacle, this.byType.get(obstacle));
    if (lost !== undefined) this.giveUp(life, life.obstacle);
    else if (obstacle === undefined) {
      life.machine.enter('starting');
      if (life.phase === 'starting') this.starts.begin(life);
    }
  }

  /** It does not start now. */
  private giveUp(life: TypeLife, cause: unknown): void {
    life.machine.enter(life.tolerated ? 'degraded' : 'failed', cause);
    if (!life.tolerated) this.boot?.fail(cause);
  }

  private judge(life: TypeLife): void {
    const [lost] = this.unready(life);
    life.obstacle = lost === undefined ? undefined : life.hinderedBy(lost, this.byType.get(lost));
    if (life.obstacle !== undefined)
      life.startFailure = undefined; // it is not to blame
    else if (!life.started && life.startFailure === undefined) return this.starts.retry(life);
    const trouble: unknown = life.obstacle ?? life.trouble;
    if (trouble === undefined) {
      if (life.phase !== 'ready') life.machine.enter('ready');
      return;
    }
    if (life.phase !== 'degraded') life.machine.enter('degraded', trouble);
    if (life.obstacle === undefined && (!life.started || this.isNeeded(life))) this.starts.retryLater(life);
  }

  /** The types that it depends on and that are not ready. */
  private unready({ dependsOn }: TypeLife): string[] {
    return dependsOn.filter((name) => this.byType.get(name)?.phase !== 'ready');
  }

  /** Whether others wait for it, who lend nothing meanwhile, and so never make it try by themselves. */
  private isNeeded({ type }: TypeLife): boolean {
    return [...this.byType.values()].some(({ dependsOn }) => dependsOn.includes(type));
  }
}

import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { TRANSITIONS } from '../../lifecycle/phase-machine.js';
import { Outcome } from '../../pool/deferred.fixture.js';
import { type LifecycleEvent, type Phase } from '../../reports/phase.js';
import { settle, VirtualClock } from '../../time/virtual-clock.fixture.js';
import { ResourceCoordinator } from '../resource-coordinator.js';
import { ONE_TRY } from '../sessions.fixture.js';
import type { StartOptions } from './start-options.js';
import { type Plan, type PlannedType, plans } from './start-order.fixture.js';

const RUNS = Number(process.env['START_ORDER_RUNS'] ?? 400);
/** Always the same plans, unless more are asked for. */
const SEED = process.env['START_ORDER_RUNS'] === undefined ? 20_261_128 : undefined;
const START_TIMEOUT = 3_000;
const NEVER = new Promise<never>(() => undefined);

interface Made {
  readonly type: string;
  ended: number;
}

/** Runs one plan, and writes down all that happens. */
class PlanRun {
  readonly clock = new VirtualClock();
  readonly made: Made[] = [];
  readonly events: LifecycleEvent[] = [];
  readonly faults: string[] = [];
  /** Of creations that would not come to an end by themselves. */
  readonly hanging: AbortSignal[] = [];
  readonly coordinator: ResourceCoordinator;
  readonly started: Outcome<void>;
  private readonly phases = new Map<string, Phase>();

  constructor(readonly plan: Plan) {
    this.coordinator = new ResourceCoordinator({
      clock: this.clock,
      drainTimeout: 1_000,
      startTimeout: START_TIMEOUT,
    });
    this.coordinator.lifecycle$.subscribe((event) => this.hear(event));
    for (const planned of plan.types) if (!planned.late) this.register(planned);
    this.started = new Outcome(this.coordinator.warmUp());
  }

  registerLate(): void {
    if (this.coordinator.draining) return;
    const waiting = this.plan.types.filter(({ late }) => late);
    const byName = waiting.toSorted((one, other) => one.name.localeCompare(other.name));
    for (const planned of byName) this.register(planned);
  }

  private register({ name, kind, dependsOn, optional, fate, min }: PlannedType): void {
    const start: StartOptions = { dependsOn, optional };
    const factory = {
      create: async ({ signal }: { readonly signal: AbortSignal }): Promise<Made> => {
        this.check(name, 'is created', (phase) => phase !== 'draining' && phase !== 'stopped');
        if (fate === 'fails') throw new Error(`${name} cannot be made`);
        if (fate === 'hangs') await this.hangUntilAborted(signal);
        if (fate === 'hangs for good') {
          this.hanging.push(signal);
          await NEVER;
        }
        if (fate === 'is slow') await new Promise<void>((done) => this.clock.setTimeout(done, 300));
        const resource = { type: name, ended: 0 };
        this.made.push(resource);
        return resource;
      },
      destroy: async (resource: Made): Promise<void> => {
        resource.ended++;
        if (fate === 'fails to be destroyed') throw new Error(`${name} stays`);
        if (fate === 'hangs when it is destroyed') await NEVER;
      },
    };
    if (kind === 'cache') this.coordinator.registerCached(name, factory, start);
    else
      this.coordinator.register(name, factory, {
        ...start,
        min,
        creation: ONE_TRY,
        ...(kind === 'keyed' && { keyed: {} }),
      });
  }

  private async hangUntilAborted(signal: AbortSignal): Promise<void> {
    this.hanging.push(signal);
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  }

  private hear(event: LifecycleEvent): void {
    this.events.push(event);
    const { type = '', phase, from } = event;
    const before = this.phases.get(type);
    if (before !== from) this.faults.push(`${type} comes from ${from}, and was ${before}`);
    if (from !== undefined && !TRANSITIONS[from].includes(phase))
      this.faults.push(`${type} goes from ${from} to ${phase}`);
    this.phases.set(type, phase);
    if (type === '') return;
    const planned = this.plan.types.find(({ name }) => name === type);
    if (phase === 'starting' || phase === 'ready')
      for (const dependency of planned?.dependsOn ?? [])
        this.check(dependency, `is needed by ${type}, which is ${phase}`, (of) => of === 'ready');
    if (phase === 'draining')
      for (const dependent of this.plan.types)
        if (dependent.dependsOn.includes(type) && this.phases.has(dependent.name))
          this.check(dependent.name, `depends on ${type}, which is draining`, (of) => of === 'stopped');
  }

  private check(type: string, what: string, holds: (phase: Phase | undefined) => boolean): void {
    const phase = this.phases.get(type);
    if (!holds(phase)) this.faults.push(`${type} ${what}, and is ${phase}`);
  }
}

/** What is expected of a start, by the plan alone. */
function outcomeOf({ types }: Plan): 'fulfilled' | 'rejected' {
  const works = new Map<string, boolean>();
  const early = types
    .filter(({ late }) => !late)
    .toSorted((one, other) => one.name.localeCompare(other.name));
  for (const { name, kind, dependsOn, fate, min } of early) {
    const fails = kind === 'pool' && min > 0 && ['fails', 'hangs', 'hangs for good'].includes(fate);
    works.set(name, !fails && dependsOn.every((dependency) => works.get(dependency)));
  }
  return early.every(({ name, optional }) => works.get(name) === true || optional) ? 'fulfilled' : 'rejected';
}

describe('start and stop over random graphs of dependencies, with random failures', () => {
  it('are always in a valid order, and every failure cleans up', async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const run = new PlanRun(plan);
        const { clock, coordinator, started } = run;
        await settle();
        if (plan.closeAfter === undefined) {
          await clock.advance(START_TIMEOUT + 6_000 * plan.types.length);
          expect(started.state).toBe(outcomeOf(plan));
          if (started.state === 'rejected') {
            expect(run.hanging.filter(({ aborted }) => !aborted)).toEqual([]);
            expect(coordinator.stats().phase).toBe('stopped');
          }
          run.registerLate();
          await clock.advance(START_TIMEOUT);
        } else {
          await clock.advance(plan.closeAfter);
        }
        const closed = new Outcome(coordinator.cleanup());
        await clock.advance(1_000 + 11_000 * plan.types.length);
        expect([started.state === 'pending', closed.state]).toEqual([false, 'fulfilled']);
        expect(run.faults).toEqual([]);
        expect(run.hanging.filter(({ aborted }) => !aborted)).toEqual([]);
        for (const resource of run.made) expect(resource).toEqual({ type: resource.type, ended: 1 });
        for (const phase of Object.values(coordinator.stats().phases)) expect(phase).toBe('stopped');
        expect(run.events.at(-1)).toMatchObject({ phase: 'stopped', from: 'draining' });
        expect(clock.running).toBe(0);
      }),
      { numRuns: RUNS, ...(SEED !== undefined && { seed: SEED }) },
    );
  }, 120_000);
});

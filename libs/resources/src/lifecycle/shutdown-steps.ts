import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import type { DrainHookFailure, DrainReport, ShutdownReport } from '../reports/drain-report.js';
import type { Clock } from '../time/clock.js';
import type { NeutralGround } from '../time/neutral-ground.js';
import { waitAtMost } from '../time/wait-at-most.js';
import { describeCause } from '../words/describe-cause.js';
import { describeName } from '../words/describe-name.js';
import { describeValue } from '../words/describe-value.js';
import { warnOf } from '../words/warn-of.js';
import { DrainClock } from './drain-clock.js';
import { type DrainHook, DrainHooks } from './drain-hooks.js';
import { Haste } from './haste.js';

/** How long the steps of a shutdown may take, in milliseconds. */
export interface ShutdownTimes {
  readonly announceFor: number;
  readonly drainTimeout: number;
}

/**
 * What comes before the draining of a shutdown, once each: the announcement, during which everything is served, and the pause of
 * what brings work. It knows how long each step took, and whether somebody insists. It moves no resources.
 */
export class ShutdownSteps {
  readonly haste = new Haste();
  readonly clock: DrainClock;
  /** Whether the announcement has begun: it is never taken back. */
  announced = false;
  /** Hears of each hook that fails. Default: a process warning. */
  hookFailed: (failure: DrainHookFailure) => void = warnOfHook;
  private readonly hooks: DrainHooks;
  private announcement: Promise<void> | undefined;
  private draining = false;
  private endAnnouncement: () => void = () => undefined;

  constructor(
    private readonly time: Clock,
    ground: NeutralGround,
    private readonly times: ShutdownTimes,
  ) {
    this.clock = new DrainClock(time);
    const failed = (failure: DrainHookFailure): void => this.hookFailed(failure);
    this.hooks = new DrainHooks(time, ground, this.haste, times.drainTimeout, failed);
  }

  /** Resolves when the announcement is over, at the latest when draining begins. A second call waits for the same one. */
  announce(): Promise<void> {
    this.announced = true;
    return (this.announcement ??= this.makeAnnouncement());
  }

  /** @returns a function that takes it back @throws InvalidOptionsError */
  onDrain(hook: DrainHook): () => void {
    if (typeof hook !== 'function')
      throw new InvalidOptionsError(
        'onDrain',
        `needs a function that pauses something; got ${describeValue(hook)}.`,
      );
    return this.hooks.add(hook);
  }

  /** Calls the hooks. @param budget milliseconds @returns undefined when there is nothing to wait for */
  pause(budget?: number): Promise<void> | undefined {
    if (!this.hooks.due) return this.hooks.callAll(budget);
    this.clock.begin('pause'); // a hook may take its time before it returns
    return this.hooks.callAll(budget)?.then(() => this.clock.end('pause'));
  }

  /** From now on, not everything is served any more: an announcement that lasts is over. */
  beginDraining(): void {
    this.clock.begin('drain');
    this.draining = true;
    this.endAnnouncement();
  }

  /** Milliseconds of `drainTimeout` that are left for the steps to come. */
  get budget(): number {
    return this.haste.made ? 0 : Math.max(0, this.times.drainTimeout - this.clock.durations.pause);
  }

  /** The report of the whole, when the pools and caches have closed. */
  reportOn(closing: DrainReport): ShutdownReport {
    this.clock.end();
    return { ...closing, steps: this.clock.durations, failedHooks: [...this.hooks.failures] };
  }

  private async makeAnnouncement(): Promise<void> {
    const { announceFor } = this.times;
    if (announceFor === 0 || this.haste.made || this.draining) return;
    this.clock.begin('announce');
    await waitAtMost(announceFor, this.time, (ended) => {
      this.haste.follow(ended);
      this.endAnnouncement = ended;
    });
    this.clock.end('announce');
  }
}

/** The name of a hook, for messages. */
export function describeHook({ hook }: DrainHookFailure): string {
  return hook === '' ? 'an onDrain hook' : `the onDrain hook ${describeName(hook)}`;
}

function warnOfHook(failure: DrainHookFailure): void {
  warnOf(`${describeHook(failure)} failed, and the shutdown goes on: ${describeCause(failure.cause)}`);
}

import { GenerationRejectedError } from '../../errors/generation-rejected-error.js';
import { PoolClosedError } from '../../errors/pool-closed-error.js';
import { withOwnSignal } from '../../hooks/abort-signals.js';
import { isThenable } from '../../hooks/is-thenable.js';
import type { GenerationStats } from '../../reports/generation-stats.js';
import type { ReconfigurationReport } from '../../reports/reconfiguration-report.js';
import type { ClockTimer } from '../../time/clock.js';
import type { Timekeeping } from '../../time/timekeeping.js';
import { heed, warnOf } from '../../words/warn-of.js';
import type { ChangeSettings } from './reconfigure-options.js';
import { isA } from '../../words/is-a.js';

/** What creates during a bake. */
export interface CreatingInBake {
  /** Where places are left, makes more of the new generation. */
  grow(): void;
  /** Makes and proves one of the new generation anew. */
  renew(): void;
  /** Whether that is under way. */
  readonly underWay: boolean;
}

/** The pool, or the pools of all keys, whose generation changes. */
export interface ChangingPool {
  readonly paused: boolean;
  /** Makes and proves the canaries. */
  prepare(): Promise<void>;
  /** From now on the new generation is lent first, and creates. */
  switchOver(): void;
  /** What is created during the bake besides what callers need. */
  readonly creations: CreatingInBake;
  stats(): GenerationStats;
  /** The new generation is there to stay. @returns resolves when the idle ones of the old one are gone */
  finish(): Promise<void>;
  /** What was before is in force again. */
  goBack(): void;
  /** The pool closes: leaves both as they are. */
  stop(): void;
}

/** How a change has ended. */
export type ChangeOutcome = Pick<ReconfigurationReport, 'outcome' | 'cause'>;

/** How often it looks during a bake, in milliseconds, at the least and at the most; and how many times in all. */
const LOOKS = { least: 10, most: 1_000, count: 20 };
/** In how many parts a bake is divided by the moments at which the new generation is to show that it still can create. */
const PARTS = 5;

/** Ended before its time. */
class EndedEarly {
  readonly cause: unknown;

  constructor(
    cause: unknown,
    readonly closed: boolean,
  ) {
    this.cause = cause ?? new Error('create threw nothing'); // of all that may fail, only that may throw nothing here
  }
}

/**
 * A change from one generation to the next, from its canaries to the end of its bake. Whatever fails on the way takes it back by itself, as long
 * as the old generation's resources are kept: what they connect to may not let them be made anew.
 */
export class GenerationChange {
  private isOver = false;
  private timer: ClockTimer | undefined;
  private end: (early: EndedEarly) => void = () => undefined;
  private readonly ended = new Promise<never>((_, reject) => (this.end = reject));

  constructor(
    private readonly type: string,
    private readonly time: Pick<Timekeeping, 'clock' | 'ground'>,
    private readonly settings: ChangeSettings,
  ) {
    this.ended.catch(() => undefined);
  }

  /** Goes back for that, unless it is decided already. */
  failed(cause: unknown): void {
    this.endEarly(new EndedEarly(cause, false));
  }

  /** The pool takes no more callers. */
  closed(): void {
    this.endEarly(new EndedEarly(new PoolClosedError(this.type, 'reconfigure()'), true));
  }

  /** Never rejects. @param giveUp aborted when it is to go back */
  run(pool: ChangingPool, giveUp: AbortSignal): Promise<ChangeOutcome> {
    giveUp.addEventListener('abort', () => this.failed(giveUp.reason), { once: true });
    return this.time.ground.run(() =>
      this.heedingSignal(pool).catch((error: unknown) => this.undo(pool, new EndedEarly(error, false))),
    );
  }

  private async heedingSignal(pool: ChangingPool): Promise<ChangeOutcome> {
    return await withOwnSignal(this.settings.signal, async (signal) => {
      const abort = (): void => this.reject('signal', 'it was aborted', undefined, signal?.reason);
      signal?.addEventListener('abort', abort);
      if (signal?.aborted === true) abort();
      try {
        return await this.change(pool);
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    });
  }

  private async change(pool: ChangingPool): Promise<ChangeOutcome> {
    try {
      if (this.isOver) await this.ended;
      await Promise.race([this.ended, this.prepare(pool)]);
      pool.switchOver();
      await Promise.race([this.ended, this.bake(pool)]);
    } catch (error) {
      return this.undo(pool, isA(error, EndedEarly) ? error : new EndedEarly(error, false));
    }
    const decided = this.ended.catch(() => undefined); // whoever gives it up now need not wait until the old one is gone
    await Promise.race([decided, pool.finish()]);
    return { outcome: 'applied' };
  }

  private undo(pool: ChangingPool, { cause, closed }: EndedEarly): ChangeOutcome {
    try {
      if (closed) pool.stop();
      else pool.goBack();
    } catch (failure) {
      warnOf(failure);
      return { outcome: 'failed', cause: failure };
    }
    return { outcome: closed ? 'failed' : 'rolledBack', cause };
  }

  private async prepare(pool: ChangingPool): Promise<void> {
    const { timeout } = this.settings.canary;
    this.startTimer(() => this.reject('canary.timeout', `it was not there within ${timeout} ms`), timeout);
    await pool.prepare();
    this.stopTimer();
  }

  private async bake(pool: ChangingPool): Promise<void> {
    const { bake } = this.settings;
    const interval = Math.min(LOOKS.most, Math.max(LOOKS.least, bake / LOOKS.count));
    let due = bake - bake / PARTS;
    for (let left = bake; (left > 0 || pool.creations.underWay) && !this.isOver;) {
      const step = left > 0 ? Math.min(left, interval) : interval;
      await new Promise<void>((resolve) => this.startTimer(resolve, step));
      if (pool.paused) continue;
      left = Math.max(0, left - step);
      pool.creations.grow();
      if (left <= due && left > 0) {
        pool.creations.renew();
        due -= bake / PARTS;
      }
      this.judge(pool.stats());
    }
  }

  private judge(stats: GenerationStats): void {
    const { abortIf } = this.settings;
    if (abortIf === undefined) return;
    let answer: unknown;
    try {
      answer = abortIf({ ...stats });
      if (heed(answer, warnOf) || isThenable(answer))
        throw new TypeError('abortIf must answer at once, and returned a promise');
    } catch (cause) {
      return this.reject('abortIf', 'it could not be asked', stats, cause);
    }
    if (answer) this.reject('abortIf', describeStats(stats), stats);
  }

  private reject(
    check: GenerationRejectedError['check'],
    problem: string,
    stats?: GenerationStats,
    cause?: unknown,
  ): void {
    this.failed(new GenerationRejectedError(this.type, check, problem, stats, cause));
  }

  private endEarly(early: EndedEarly): void {
    this.isOver = true;
    this.stopTimer();
    this.end(early);
  }

  private startTimer(callback: () => void, ms: number): void {
    this.timer = this.time.clock.setTimeout(callback, ms);
    this.timer.unref();
  }

  private stopTimer(): void {
    if (this.timer !== undefined) this.time.clock.clearTimeout(this.timer);
  }
}

function describeStats({ failures, acquired, pending, waiting }: GenerationStats): string {
  return `${failures} failures in ${acquired} loans, ${pending} waiting for up to ${Math.round(waiting)} ms`;
}

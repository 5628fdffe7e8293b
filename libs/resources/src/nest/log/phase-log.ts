import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { DependencyError } from '../../errors/dependency-error.js';
import type { LifecycleEvent } from '../../reports/phase.js';
import type { ClockTimer } from '../../time/clock.js';
import { describeCause } from '../../words/describe-cause.js';
import { LogLine } from './log-line.js';
import { degradedLine, failedLine, readyLine } from './phase-lines.js';
import { ResourcesLog } from './resources-log.js';
import { isA } from '../../words/is-a.js';

/** Milliseconds from one time that a type is said to be degraded to the next. */
const PAUSE = 30_000;

/** What was said of a type that is degraded, or was. */
interface Told {
  /** Whether it was said to be degraded, and not to be ready since. */
  degraded: boolean;
  /** When it was said to be degraded. */
  at: number;
  /** Says it later, if it still is. */
  timer: ClockTimer | undefined;
}

/**
 * Logs one line when a type is degraded, and one when it is ready again, and one when it has failed. What comes and goes is said so often, and no
 * more. That a type which had started can create nothing more is said as trouble, and not twice.
 */
@Injectable()
export class PhaseLog implements OnModuleInit {
  private readonly told = new Map<string, Told>();
  private following: Subscription | undefined;

  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly log: ResourcesLog,
  ) {}

  /** Nest may call it twice: a microservice's `init()` does. */
  onModuleInit(): void {
    this.following ??= this.coordinator.lifecycle$.subscribe((event) => this.hear(event));
  }

  private hear(event: LifecycleEvent): void {
    const { type, phase, from, cause } = event;
    if (type === undefined) return; // what its types go through is said of them
    if (phase === 'failed') this.write('error', failedLine(event), event);
    if (phase === 'degraded') {
      if (from !== 'ready' || isA(cause, DependencyError)) this.degraded(type, event);
      return;
    }
    const told = this.told.get(type);
    if (told === undefined) return;
    this.sayNoMore(told);
    if (phase === 'ready' && told.degraded) this.write('log', readyLine(event), event);
    told.degraded = false;
    if (phase === 'stopped') this.told.delete(type);
  }

  private degraded(type: string, event: LifecycleEvent): void {
    const { clock } = this.coordinator;
    const told = this.told.get(type) ?? { degraded: false, at: -Infinity, timer: undefined };
    this.told.set(type, told);
    const say = (): void => {
      told.timer = undefined;
      told.degraded = true;
      told.at = clock.now();
      this.write('warn', degradedLine(event), event);
    };
    const pause = told.at + PAUSE - clock.now();
    if (pause <= 0) return say();
    told.timer = clock.setTimeout(say, pause);
    told.timer.unref();
  }

  private sayNoMore(told: Told): void {
    if (told.timer !== undefined) this.coordinator.clock.clearTimeout(told.timer);
    told.timer = undefined;
  }

  private write(level: 'error' | 'warn' | 'log', line: string, event: LifecycleEvent): void {
    const { cause, ...fields } = event;
    const why = cause === undefined ? undefined : describeCause(cause);
    this.log.write(level, new LogLine(line, { ...fields, cause: why }));
  }
}

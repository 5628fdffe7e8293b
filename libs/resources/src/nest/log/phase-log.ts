import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Subscription } from 'rxjs';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { DependencyError } from '../../errors/dependency-error.js';
import type { LifecycleEvent } from '../../reports/phase.js';
import { describeCause } from '../../words/describe-cause.js';
import { LogLine } from './log-line.js';
import { degradedLine, failedLine, readyLine } from './phase-lines.js';
import { ResourcesLog } from './resources-log.js';

/**
 * Logs one line when a type is degraded, and one when it is ready again, and one when it has failed. That one which had started can
 * create nothing more is said as trouble, and not twice.
 */
@Injectable()
export class PhaseLog implements OnModuleInit {
  /** The types that were said to be degraded. */
  private readonly degraded = new Set<string>();

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
    const was = phase !== 'degraded' && this.degraded.delete(type);
    if (phase === 'failed') this.write('error', failedLine(event), event);
    else if (phase === 'ready' && was) this.write('log', readyLine(event), event);
    else if (phase === 'degraded' && (from !== 'ready' || cause instanceof DependencyError)) {
      this.degraded.add(type);
      this.write('warn', degradedLine(event), event);
    }
  }

  private write(level: 'error' | 'warn' | 'log', line: string, event: LifecycleEvent): void {
    const { cause, ...fields } = event;
    const why = cause === undefined ? undefined : describeCause(cause);
    this.log.write(level, new LogLine(line, { ...fields, cause: why }));
  }
}

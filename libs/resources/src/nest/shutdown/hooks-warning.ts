import { Injectable } from '@nestjs/common';
import { HttpAdapterHost, ModuleRef, type NestContainer } from '@nestjs/core';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { containerOf } from '../container-of.js';
import { isTested } from '../discovery/tested-containers.js';
import { ResourcesLog } from '../log/resources-log.js';
import { othersListen, ShutdownSignals } from './shutdown-signals.js';

/** Milliseconds that a `main.ts` has for whatever it does after `listen()`. */
const GRACE = 1_000;

const warnings = new WeakMap<NestContainer, HooksWarning>();

/**
 * Warns once of an application that serves and would not survive its first signal: nobody has called `enableShutdownHooks()`, and
 * nobody else in the process listens. Contexts, applications that never listen, and those of tests hear nothing.
 */
@Injectable()
export class HooksWarning {
  private readonly container: NestContainer;
  private told = false;

  constructor(
    moduleRef: ModuleRef,
    host: HttpAdapterHost,
    private readonly coordinator: ResourceCoordinator,
    private readonly signals: ShutdownSignals,
    private readonly log: ResourcesLog,
  ) {
    this.container = containerOf(moduleRef);
    warnings.set(this.container, this);
    host.listen$.subscribe(() => this.serves());
  }

  static of(container: NestContainer): HooksWarning | undefined {
    return warnings.get(container);
  }

  /** The application serves, or is about to. */
  serves(): void {
    if (!isTested(this.container)) this.coordinator.clock.setTimeout(() => this.look(), GRACE).unref();
  }

  private look(): void {
    if (this.told || this.signals.enabled || this.coordinator.announced) return;
    if (othersListen('SIGTERM')) return; // somebody ends the application by close()
    this.told = true;
    this.log.write(
      'warn',
      'SIGTERM would end the process with work unanswered and resources open: call app.enableShutdownHooks() in main.ts',
    );
  }
}

import { ContextIdFactory } from '@nestjs/core';
import { ByTenant } from '../application/scoped.controller.js';
import { type RunningApplication, startApplication } from '../application/start-application.js';
import type { Adapter, Round } from '../plan/plan.js';
import { Reachable } from '../watch/reachable.js';
import { watch } from '../watch/watch.js';
import { type Bounds, BOUNDS, playRound } from './play-round.js';

/** An application that was broken on purpose may not be able to stop. */
const MOST_TO_CLOSE = 6_000;

/** The two applications of the process, on which rounds are played one after the other. */
export class Stage {
  private readonly reachable = new Reachable();
  private applications: RunningApplication[] = [];
  private readonly unheard = (error: unknown): void =>
    watch.violated('unheard', error instanceof Error ? (error.stack ?? error.message) : String(error));

  constructor(
    private readonly adapter: Adapter,
    private readonly bounds: Bounds = BOUNDS,
  ) {}

  async open(): Promise<void> {
    ContextIdFactory.apply(new ByTenant());
    process.on('unhandledRejection', this.unheard);
    process.on('uncaughtException', this.unheard);
    for (const application of [0, 1] as const)
      this.applications.push(await startApplication(this.adapter, application, this.reachable));
  }

  async play(round: Round): Promise<void> {
    watch.forget();
    await playRound(round, this.applications, this.reachable, this.bounds);
  }

  async close(): Promise<void> {
    const closing = Promise.allSettled(this.applications.map((application) => application.close()));
    let bound: NodeJS.Timeout | undefined;
    await Promise.race([closing, new Promise((resolve) => (bound = setTimeout(resolve, MOST_TO_CLOSE)))]);
    clearTimeout(bound);
    this.applications = [];
    process.off('unhandledRejection', this.unheard);
    process.off('uncaughtException', this.unheard);
    watch.forget();
  }
}

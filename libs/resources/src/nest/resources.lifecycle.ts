import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import { describeName } from '../words/describe-name.js';
import type { DrainReport } from '../reports/drain-report.js';
import { AdminAccess } from './admin-access.js';
import { CachedMethodsExplorer } from './caching/cached-methods.explorer.js';
import type { WorkContext } from './contexts/work-context.js';
import { WORK_CONTEXTS } from './contexts/work-contexts.js';
import { ResourcesLog } from './log/resources-log.js';
import { TroubleLog } from './log/trouble-log.js';
import { ResourcesExplorer } from './discovery/resources.explorer.js';

/**
 * Drives the coordinator by Nest's hooks. A shutdown takes three of them, because Nest closes the HTTP
 * server between the last two: requests in progress must keep their resources until then.
 */
@Injectable()
export class ResourcesLifecycle
  implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  private drainingSince: number | undefined;
  private started: Promise<void> | undefined;

  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly explorer: ResourcesExplorer,
    private readonly methods: CachedMethodsExplorer,
    @Inject(WORK_CONTEXTS) private readonly contexts: readonly WorkContext[],
    private readonly log: ResourcesLog,
    private readonly troubleLog: TroubleLog,
    private readonly admin: AdminAccess,
  ) {}

  /** Fails the start when a type is unknown, a method can't be cached or a pool can't be warmed. Nest may call it twice: a microservice's `init()` does. */
  onModuleInit(): Promise<void> {
    this.started ??= this.admin.openFor(() => this.start());
    return this.started;
  }

  onModuleDestroy(): void {
    this.drainingSince ??= this.coordinator.clock.now();
    this.coordinator.startDraining();
    for (const context of this.contexts) context.startDraining();
  }

  /**
   * Waits for the work in progress, until the deadline; then cuts off the responses that would keep the server open. Where all
   * work is ended by force, it has nothing to wait for.
   */
  async beforeApplicationShutdown(): Promise<void> {
    const contexts = this.contexts.filter(({ endsByForce }) => !endsByForce);
    if (contexts.length === 0) return;
    const over = await this.within(
      this.remaining,
      Promise.all([
        this.coordinator.scopes.over(this.remaining),
        ...contexts.map((context) => context.answered()),
      ]),
    );
    if (over && this.remaining > 0) {
      for (const context of contexts) context.closeWithin(this.remaining);
      return;
    }
    const cutOff = await Promise.all(contexts.map((context) => context.cutOff()));
    const late = cutOff.reduce((sum, count) => sum + count, 0);
    if (late > 0)
      this.log.write('warn', `Cut off ${late} response(s) that were not done at the drain deadline`);
  }

  async onApplicationShutdown(): Promise<void> {
    for (const context of this.contexts) context.stop();
    this.report(await this.coordinator.cleanup({ deadline: this.remaining }));
    this.methods.unwrap();
    await this.admin.close();
  }

  private async start(): Promise<void> {
    this.explorer.registerFactories();
    this.explorer.checkUsages();
    this.methods.wrap();
    await this.coordinator.warmUp();
    this.troubleLog.start();
  }

  /** Milliseconds until the drain deadline. */
  private get remaining(): number {
    const { clock, drainTimeout } = this.coordinator;
    return Math.max(0, drainTimeout - (clock.now() - (this.drainingSince ?? clock.now())));
  }

  /** @param limit most milliseconds to wait @returns whether the work is done; a timer may be early by a part of a millisecond */
  private async within(limit: number, work: Promise<unknown>): Promise<boolean> {
    const { clock } = this.coordinator;
    if (limit === Infinity) return await work.then(() => true);
    return await new Promise<boolean>((resolve, reject) => {
      const timer = clock.setTimeout(() => resolve(false), limit);
      work.then(() => resolve(true), reject).finally(() => clock.clearTimeout(timer));
    });
  }

  private report({ clean, held, duration }: DrainReport): void {
    if (clean) {
      this.log.write('log', `All leases came back; pools closed in ${Math.round(duration)} ms`);
      return;
    }
    const holders = held.map(
      ({ id, owner, age }) => `${id} held by ${describeName(owner)} for ${Math.round(age)} ms`,
    );
    this.log.write(
      'warn',
      `${held.length} lease(s) did not come back by the drain deadline: ${holders.join('; ')}`,
    );
  }
}

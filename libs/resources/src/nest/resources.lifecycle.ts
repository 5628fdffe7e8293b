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
import { describeHook } from '../lifecycle/shutdown-steps.js';
import { DRAIN_STEPS, type ShutdownReport } from '../reports/drain-report.js';
import { describeCause } from '../words/describe-cause.js';
import { AdminAccess } from './admin-access.js';
import { CachedMethodsExplorer } from './caching/cached-methods.explorer.js';
import type { WorkContext } from './contexts/work-context.js';
import { WORK_CONTEXTS } from './contexts/work-contexts.js';
import { ResourcesLog } from './log/resources-log.js';
import { TroubleLog } from './log/trouble-log.js';
import { TransactionalMethodsExplorer } from './transactions/transactional-methods.explorer.js';
import { ResourcesExplorer } from './discovery/resources.explorer.js';

/** The steps that come before the pools close. */
const PREPARING = DRAIN_STEPS.filter((step) => step !== 'close');

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
  private ended: Promise<void> | undefined;

  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly explorer: ResourcesExplorer,
    private readonly methods: CachedMethodsExplorer,
    private readonly transactional: TransactionalMethodsExplorer,
    @Inject(WORK_CONTEXTS) private readonly contexts: readonly WorkContext[],
    private readonly log: ResourcesLog,
    private readonly troubleLog: TroubleLog,
    private readonly admin: AdminAccess,
  ) {
    for (const context of contexts) context.beforeClosing(() => this.prepare());
    coordinator.shutdown.hookFailed = (failure) =>
      log.write(
        'warn',
        `The shutdown goes on without ${describeHook(failure)}: ${describeCause(failure.cause)}`,
      );
  }

  /** Fails the start when a type is unknown, a method can't be cached or a pool can't be warmed. Nest may call it twice: a microservice's `init()` does. */
  onModuleInit(): Promise<void> {
    this.started ??= this.admin.openFor(() => this.start());
    return this.started;
  }

  /**
   * What comes first: the announcement, while somebody may send work, and then the pause of what brings it. Nest 12 has it called
   * before every hook; elsewhere, it comes with the first hook of ours.
   */
  async prepare(): Promise<void> {
    if (this.contexts.some(({ isServing }) => isServing)) await this.coordinator.announce();
    await this.coordinator.shutdown.pause();
  }

  async onModuleDestroy(): Promise<void> {
    await this.prepare();
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
      this.coordinator.shutdown.haste.follow(() => void this.cutOff(contexts));
      return;
    }
    await this.cutOff(contexts);
  }

  /** Nest calls it again when the application is closed again. */
  onApplicationShutdown(): Promise<void> {
    this.ended ??= this.end();
    return this.ended;
  }

  private async end(): Promise<void> {
    for (const context of this.contexts) context.stop();
    this.report(await this.coordinator.cleanup({ deadline: this.remaining }));
    this.methods.unwrap();
    this.transactional.leave();
    await this.admin.close();
  }

  private async start(): Promise<void> {
    if (this.coordinator.draining) return; // closed while others started: nothing is to be made any more
    this.explorer.registerFactories();
    this.explorer.checkUsages();
    this.methods.wrap();
    this.transactional.adopt();
    await this.coordinator.warmUp();
    this.troubleLog.start();
  }

  private async cutOff(contexts: readonly WorkContext[]): Promise<void> {
    const cutOff = await Promise.all(contexts.map((context) => context.cutOff()));
    const late = cutOff.reduce((sum, count) => sum + count, 0);
    if (late > 0)
      this.log.write('warn', `Cut off ${late} response(s) that were not done at the drain deadline`);
  }

  /** Milliseconds until the drain deadline. */
  private get remaining(): number {
    const { clock, shutdown } = this.coordinator;
    return Math.max(0, shutdown.budget - (clock.now() - (this.drainingSince ?? clock.now())));
  }

  /**
   * @param limit most milliseconds to wait; shorter if somebody insists
   * @returns whether the work is done; a timer may be early by a part of a millisecond
   */
  private within(limit: number, work: Promise<unknown>): Promise<boolean> {
    const { clock, shutdown } = this.coordinator;
    return new Promise<boolean>((resolve, reject) => {
      const timer = limit === Infinity ? undefined : clock.setTimeout(() => resolve(false), limit);
      const stop = shutdown.haste.follow(() => resolve(false));
      const settled = (): void => {
        stop();
        if (timer !== undefined) clock.clearTimeout(timer);
      };
      work.then(() => resolve(true), reject).finally(settled);
    });
  }

  private report({ clean, held, duration, steps }: ShutdownReport): void {
    if (clean) {
      const before = PREPARING.filter((step) => steps[step] >= 1).map(
        (step) => `, ${step} ${Math.round(steps[step])} ms`,
      );
      this.log.write(
        'log',
        `All leases came back; pools closed in ${Math.round(duration)} ms${before.join('')}`,
      );
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

import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import type { DrainReport } from '../pool/drain-report.js';
import { CacheExplorer } from './cache/cache.explorer.js';
import { HttpScopes } from './http/http-scopes.js';
import { ResourcesExplorer } from './resources.explorer.js';

/**
 * Drives the coordinator by Nest's hooks. A shutdown takes three of them, because Nest closes the HTTP
 * server between the last two: requests in progress must keep their resources until then.
 */
@Injectable()
export class ResourcesLifecycle
  implements OnModuleInit, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown
{
  private readonly logger = new Logger('Resources');
  private drainingSince = 0;

  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly explorer: ResourcesExplorer,
    private readonly cacheExplorer: CacheExplorer,
    private readonly scopes: HttpScopes,
  ) {}

  /** Fails the start when a type is unknown, a method can't be cached or a pool can't be warmed. */
  async onModuleInit(): Promise<void> {
    this.explorer.registerFactories();
    this.explorer.checkUsages();
    this.cacheExplorer.registerFactories();
    this.cacheExplorer.checkUsages();
    this.cacheExplorer.wrapMethods();
    await this.coordinator.warmUp();
  }

  onModuleDestroy(): void {
    this.drainingSince = performance.now();
    this.coordinator.startDraining();
    this.scopes.startDraining();
  }

  /** Waits for the work in progress, until the deadline; then cuts off the responses that would keep the server open. */
  async beforeApplicationShutdown(): Promise<void> {
    const { remaining } = this;
    await Promise.race([
      Promise.all([this.coordinator.scopesOver(remaining), this.scopes.answered()]),
      new Promise((resolve) => setTimeout(resolve, remaining).unref()),
    ]);
    const late = this.scopes.cutOff();
    if (late > 0) this.logger.warn(`Cut off ${late} response(s) that were not done at the drain deadline`);
  }

  async onApplicationShutdown(): Promise<void> {
    this.report(await this.coordinator.cleanup({ deadline: this.remaining }));
  }

  /** Milliseconds until the drain deadline. */
  private get remaining(): number {
    return Math.max(0, this.coordinator.drainTimeout - (performance.now() - this.drainingSince));
  }

  private report({ clean, held, duration }: DrainReport): void {
    if (clean) {
      this.logger.log(`All leases came back; pools closed in ${Math.round(duration)} ms`);
      return;
    }
    const holders = held.map(({ id, owner, age }) => `${id} held by ${owner} for ${Math.round(age)} ms`);
    this.logger.warn(
      `${held.length} lease(s) did not come back by the drain deadline: ${holders.join('; ')}`,
    );
  }
}

import { type ArgumentsHost, Injectable, type Provider } from '@nestjs/common';
import { type ApplicationConfig, ModuleRef } from '@nestjs/core';
import type { WorkContext } from '../work-context.js';
import { HttpConnections } from './http-connections.js';
import type { HttpLeaseScope } from './http-lease-scope.js';
import { HttpPlatform } from './http-platform.js';
import { HttpScopes } from './http-scopes.js';
import { ResourceExceptionFilter } from './resource-exception.filter.js';
import { scopeOfHost } from './scope-of-request.js';

/** HTTP, and what comes over it, such as GraphQL: a unit of work is a request. */
@Injectable()
export class HttpContext implements WorkContext {
  static readonly providers: readonly Provider[] = [
    HttpConnections,
    HttpScopes,
    HttpPlatform,
    ResourceExceptionFilter,
  ];

  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly platform: HttpPlatform,
    private readonly connections: HttpConnections,
    private readonly filter: ResourceExceptionFilter,
  ) {}

  static scopeOf(host: ArgumentsHost): HttpLeaseScope | undefined {
    return scopeOfHost(host);
  }

  follow(): void {
    this.platform.follow();
    this.globalFilters.unshift(this.filter);
  }

  get endsByForce(): boolean {
    return this.platform.closesByForce;
  }

  startDraining(): void {
    this.connections.startDraining(this.platform.options.return503OnClosing !== true);
  }

  answered(): Promise<void> {
    return this.connections.answered();
  }

  closeWithin(remaining: number): void {
    this.connections.closeWithin(remaining);
  }

  cutOff(): Promise<number> {
    return this.connections.cutOff();
  }

  stop(): void {
    this.connections.stop();
  }

  /**
   * Nest asks the filters of this list from its end. At the front ours is asked last, which no
   * `APP_FILTER` can: those of imported modules are asked before the application's own.
   */
  private get globalFilters(): unknown[] {
    const { container } = this.moduleRef as unknown as {
      container: { applicationConfig: ApplicationConfig };
    };
    return container.applicationConfig.getGlobalFilters();
  }
}

import { type ArgumentsHost, Injectable, type Provider } from '@nestjs/common';
import { ModuleRef, type NestContainer } from '@nestjs/core';
import { ResourceCoordinator } from '../../../coordinator/resource-coordinator.js';
import { containerOf } from '../../container-of.js';
import type { WorkContext } from '../work-context.js';
import { HttpConnections } from './http-connections.js';
import type { HttpLeaseScope } from './http-lease-scope.js';
import { HttpPlatform } from './http-platform.js';
import { HttpScopes } from './http-scopes.js';
import { answerInNestsFilter, ResourceExceptionFilter } from './resource-exception.filter.js';
import { belongsTo, scopeOfHost } from './scope-of-request.js';

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
    private readonly coordinator: ResourceCoordinator,
    private readonly platform: HttpPlatform,
    private readonly connections: HttpConnections,
    private readonly filter: ResourceExceptionFilter,
  ) {}

  static scopeOf(host: ArgumentsHost): HttpLeaseScope | undefined {
    return scopeOfHost(host);
  }

  follow(): void {
    this.platform.follow();
    for (const { controllers } of this.container.getModules().values())
      for (const { instance } of controllers.values()) belongsTo(instance, this.coordinator);
    answerInNestsFilter();
    // Nest asks the filters of this list from its end. At the front ours is asked last, which no `APP_FILTER` can: those of imported modules
    // are asked before the application's own.
    this.container.applicationConfig?.getGlobalFilters().unshift(this.filter);
  }

  get isServing(): boolean {
    return this.connections.isListening;
  }

  beforeClosing(prepare: () => Promise<void>): void {
    this.platform.beforeClosing = prepare;
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

  private get container(): NestContainer {
    return containerOf(this.moduleRef);
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ResourceCoordinator } from '../../../coordinator/resource-coordinator.js';
import { ResourcesLog } from '../../log/resources-log.js';
import { AbandonmentWarning } from '../abandonment-warning.js';
import { HttpConnections } from './http-connections.js';
import { HttpLeaseScope } from './http-lease-scope.js';
import { PipelinedResponses } from './pipelined-responses.js';
import { bindScope, scopeOfApplication, scopeOfRequest } from './scope-of-request.js';

/**
 * Gives every HTTP request of one application its lease scope, once, however it comes in and whoever hands it over first. How
 * the scope learns of its end is the scope's business.
 */
@Injectable()
export class HttpScopes {
  private readonly pipelined = new PipelinedResponses();
  private readonly warning: AbandonmentWarning;

  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly connections: HttpConnections,
    log: ResourcesLog,
  ) {
    this.warning = new AbandonmentWarning(log);
  }

  /** The request's scope, opened by the first caller. @param request and response are Node's own */
  of(request: IncomingMessage, response: ServerResponse): HttpLeaseScope {
    const around = scopeOfRequest(request);
    return scopeOfApplication(around, this.coordinator) ?? this.open(request, response, around);
  }

  private open(
    request: IncomingMessage,
    response: ServerResponse,
    around: HttpLeaseScope | undefined,
  ): HttpLeaseScope {
    const scope = new HttpLeaseScope(this.coordinator, around, request, response, this.warning);
    bindScope(request, scope);
    this.pipelined.watch(request, response, scope);
    this.connections.requestCame(request, response);
    return scope;
  }
}

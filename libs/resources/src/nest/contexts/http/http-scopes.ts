import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ResourceCoordinator } from '../../../coordinator/resource-coordinator.js';
import { AbandonmentWarning } from '../abandonment-warning.js';
import { HttpConnections } from './http-connections.js';
import { HttpLeaseScope } from './http-lease-scope.js';
import { PipelinedResponses } from './pipelined-responses.js';
import { bindScope, scopeOfRequest } from './scope-of-request.js';

/**
 * Gives every HTTP request of one application its lease scope, once, however it comes in and whoever hands it over first. How
 * the scope learns of its end is the scope's business.
 */
@Injectable()
export class HttpScopes {
  private readonly pipelined = new PipelinedResponses();
  private readonly warning = new AbandonmentWarning();

  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly connections: HttpConnections,
  ) {}

  /** The request's scope, opened by the first caller. @param request and response are Node's own */
  of(request: IncomingMessage, response: ServerResponse): HttpLeaseScope {
    const around = scopeOfRequest(request);
    for (let scope = around; scope !== undefined; scope = parentOf(scope))
      if (scope.host === this.coordinator) return scope;
    return this.open(request, response, around);
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

/**
 * Another application's scope of the same request, in which this application is mounted. It may be one of another copy of this
 * package, whose classes are not ours; all that a request carries are of this kind.
 */
function parentOf({ parent }: HttpLeaseScope): HttpLeaseScope | undefined {
  return parent?.kind === 'http' ? (parent as HttpLeaseScope) : undefined;
}

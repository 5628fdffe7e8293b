import type { ArgumentsHost } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import type { LeaseContext } from '../../scopes/lease-terms.js';
import type { LeaseScope } from '../../scopes/lease-scope.js';
import { HandledScope } from './handled-scope.js';

/**
 * What the key functions of both decorators are given: that of `@PooledResource` a `LeaseContext`, that of
 * `@CachedResource` an `ArgumentsHost`. One function may be used for both.
 *
 * @returns undefined when the scope has no request
 */
export function requestContextOf(scope: LeaseScope | undefined): (LeaseContext & ArgumentsHost) | undefined {
  if (!(scope instanceof HandledScope) || scope.ended) return undefined;
  const { kind, owner, request, handlerArguments } = scope;
  const context = new ExecutionContextHost([...handlerArguments]);
  context.setType(kind);
  return Object.assign(context, { kind, owner, request });
}

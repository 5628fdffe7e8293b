import { type ArgumentsHost, Catch, type ExceptionFilter, HttpStatus } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AcquireAbortedError } from '../../../errors/acquire-aborted-error.js';
import { AcquireTimeoutError } from '../../../errors/acquire-timeout-error.js';
import { CacheAbortedError } from '../../../errors/cache-aborted-error.js';
import { CacheClosedError } from '../../../errors/cache-closed-error.js';
import { CacheFullError } from '../../../errors/cache-full-error.js';
import { CacheTimeoutError } from '../../../errors/cache-timeout-error.js';
import { DeadlockError } from '../../../errors/deadlock-error.js';
import { PoolClosedError } from '../../../errors/pool-closed-error.js';
import { PoolExhaustedError } from '../../../errors/pool-exhausted-error.js';
import { PoolOverloadedError } from '../../../errors/pool-overloaded-error.js';
import { PoolPausedError } from '../../../errors/pool-paused-error.js';
import type { ResourceError } from '../../../errors/resource-error.js';
import { ResourceCreationError } from '../../../errors/resource-creation-error.js';

/**
 * Answers 503 with `Retry-After` when a pool or a cache could not lend: the request was fine, the moment was not. The
 * body names the pool and no other internals. Errors in the use of the library stay
 * 500. Nest asks this filter last, so that an application's own filter wins.
 */
@Catch(
  AcquireTimeoutError,
  AcquireAbortedError,
  CacheAbortedError,
  CacheClosedError,
  CacheFullError,
  CacheTimeoutError,
  DeadlockError,
  PoolExhaustedError,
  PoolOverloadedError,
  PoolClosedError,
  PoolPausedError,
  ResourceCreationError,
)
export class ResourceExceptionFilter implements ExceptionFilter<ResourceError> {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(error: ResourceError, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const { httpAdapter } = this.host;
    const response: unknown = host.switchToHttp().getResponse();
    if (httpAdapter.isHeadersSent(response)) {
      httpAdapter.end(response);
      return;
    }
    const statusCode = HttpStatus.SERVICE_UNAVAILABLE;
    const pool = error.type ?? '';
    httpAdapter.setHeader(response, 'Retry-After', String(retryAfter(error)));
    httpAdapter.reply(
      response,
      {
        statusCode,
        error: error.name,
        pool,
        message: `No resource of pool "${pool}" is available now. Try again later.`,
      },
      statusCode,
    );
  }
}

/** Whole seconds after which a client may ask again: before creation is tried again, it would be refused again. */
function retryAfter(error: ResourceError): number {
  const suspendedFor = error instanceof ResourceCreationError ? (error.suspendedFor ?? 0) : 0;
  return Math.max(1, Math.ceil(suspendedFor / 1_000));
}

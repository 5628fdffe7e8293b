import { type ArgumentsHost, Catch, type ExceptionFilter, type HttpServer } from '@nestjs/common';
import { BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { isUnavailable, UnavailableError } from '../../../errors/resource-error.js';
import { replaceMethod } from '../../replace-method.js';

/**
 * Answers 503 with `Retry-After` when a pool or a cache could not lend: the request was fine, the moment was not. The
 * body names the pool and no other internals. Errors in the use of the library stay
 * 500. Nest asks this filter last, so that an application's own filter wins. Messages, for whose handlers a hybrid application
 * may use its global filters, are left to Nest, which answers them as it answers any error.
 */
@Catch(UnavailableError)
export class ResourceExceptionFilter implements ExceptionFilter<UnavailableError> {
  constructor(private readonly host: HttpAdapterHost) {}

  catch(error: UnavailableError, host: ArgumentsHost): void {
    if (host.getType() === 'rpc') return;
    if (host.getType() !== 'http') throw error;
    answer(error, host, this.host.httpAdapter);
  }
}

type HandleUnknownError = (
  this: BaseExceptionFilter,
  error: unknown,
  host: ArgumentsHost,
  httpAdapter: HttpServer,
) => void;

/**
 * Lets Nest's own filter answer so, too: an application's own that catches everything, such as one that reports what it has caught,
 * leaves the answer to it. So the errors of another copy of this package are answered, which the filter above does not know.
 */
export function answerInNestsFilter(): void {
  replaceMethod<HandleUnknownError>(
    BaseExceptionFilter.prototype,
    'handleUnknownError',
    (original) =>
      function (error, host, httpAdapter) {
        if (host.getType() === 'http' && isUnavailable(error)) answer(error, host, httpAdapter);
        else original.call(this, error, host, httpAdapter);
      },
  );
}

function answer(error: UnavailableError, host: ArgumentsHost, httpAdapter: HttpServer): void {
  const response: unknown = host.switchToHttp().getResponse();
  if (httpAdapter.isHeadersSent(response)) {
    httpAdapter.end(response);
    return;
  }
  httpAdapter.setHeader(response, 'Retry-After', String(error.retryAfter));
  httpAdapter.reply(response, error.getResponse(), error.getStatus());
}

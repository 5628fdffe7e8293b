import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { UnavailableError } from '../../../errors/resource-error.js';

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
    const { httpAdapter } = this.host;
    const response: unknown = host.switchToHttp().getResponse();
    if (httpAdapter.isHeadersSent(response)) {
      httpAdapter.end(response);
      return;
    }
    httpAdapter.setHeader(response, 'Retry-After', String(error.retryAfter));
    httpAdapter.reply(response, error.getResponse(), error.getStatus());
  }
}

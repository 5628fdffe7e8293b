import {
  type ArgumentsHost,
  BadRequestException,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  Injectable,
  type NestInterceptor,
  Param,
  type PipeTransform,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE, BaseExceptionFilter } from '@nestjs/core';
import { catchError, from, map, mergeMap, type Observable, of, tap, throwError, timeout } from 'rxjs';
import type { Trial } from '../../trial.js';

const calls: string[] = [];

interface Reply {
  status(code: number): Reply;
  send(body: unknown): void;
}

function guard(name: string): Type<CanActivate> {
  @Injectable()
  class NamedGuard implements CanActivate {
    async canActivate(context: ExecutionContext): Promise<boolean> {
      const { url } = context.switchToHttp().getRequest<{ url: string }>();
      calls.push(`guard ${name}`);
      await Promise.resolve();
      if (url.includes(`guard-throws-${name}`)) throw new TypeError(`guard ${name}`);
      return !url.includes(`guard-refuses-${name}`);
    }
  }
  return NamedGuard;
}

function interceptor(name: string): Type<NestInterceptor> {
  @Injectable()
  class NamedInterceptor implements NestInterceptor {
    async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
      const { url } = context.switchToHttp().getRequest<{ url: string }>();
      calls.push(`before ${name}`);
      await Promise.resolve();
      if (url.includes(`stops-${name}`)) return of(`stopped by ${name}`);
      return next.handle().pipe(
        tap(() => calls.push(`after ${name}`)),
        map((value) => `${String(value)} ${name}`),
        catchError((error: unknown) => {
          calls.push(`failed ${name}: ${String(error)}`);
          return throwError(() => error);
        }),
      );
    }
  }
  return NamedInterceptor;
}

function pipe(name: string): Type<PipeTransform> {
  @Injectable()
  class NamedPipe implements PipeTransform<unknown> {
    async transform(value: unknown): Promise<unknown> {
      calls.push(`pipe ${name}`);
      await Promise.resolve();
      if (value === `pipe-throws-${name}`) throw new BadRequestException(`pipe ${name}`);
      return value;
    }
  }
  return NamedPipe;
}

class Own extends Error {}
class Later extends Error {}

@Catch(Own)
class OwnFilter implements ExceptionFilter<Own> {
  catch(error: Own, host: ArgumentsHost): void {
    calls.push(`filter own: ${error.message}`);
    host.switchToHttp().getResponse<Reply>().status(418).send({ own: error.message });
  }
}

@Catch(Later)
class LaterFilter implements ExceptionFilter<Later> {
  async catch(error: Later, host: ArgumentsHost): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    calls.push(`filter later: ${error.message}`);
    host.switchToHttp().getResponse<Reply>().status(419).send({ later: error.message });
  }
}

@Catch()
class LastFilter extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    calls.push(`filter last: ${String(error)}`);
    // oxlint-disable-next-line promise/valid-params, promise/no-promise-in-callback -- a filter's, not a promise's
    super.catch(error, host);
  }
}

@Controller('pipeline')
@UseGuards(guard('class'))
@UseInterceptors(interceptor('class'))
@UsePipes(pipe('class'))
class Pipeline {
  @Get('plain/:how')
  @UseGuards(guard('method'), guard('second'))
  @UseInterceptors(interceptor('method'), interceptor('second'))
  @UsePipes(pipe('method'))
  plain(@Param('how', pipe('parameter')) how: string): string {
    calls.push('handler');
    return how;
  }

  @Get('throws/:how')
  @UseFilters(OwnFilter, LaterFilter)
  async throws(@Param('how') how: string): Promise<string> {
    await Promise.resolve();
    if (how === 'own') throw new Own('own');
    if (how === 'later') throw new Later('later');
    if (how === 'http') throw new HttpException({ code: 7 }, 402, { cause: new Error('why') });
    // eslint-disable-next-line no-throw-literal
    if (how === 'string') throw 'a string' as unknown as Error;
    throw new RangeError(how);
  }

  @Get('observable')
  observable(): Observable<string> {
    return from(['one', 'two']).pipe(mergeMap(async (word) => await Promise.resolve(word)));
  }

  @Get('slow')
  @UseInterceptors({
    intercept: (_context: ExecutionContext, next: CallHandler) => next.handle().pipe(timeout(20)),
  })
  async slow(): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, 60));
    calls.push('slow handler ended');
    return 'slow';
  }
}

/** The order of guards, interceptors, pipes, handlers and filters, when all goes well, and when each of them fails. */
export default async function pipeline(trial: Trial): Promise<unknown> {
  calls.length = 0;
  const providers = [
    { provide: APP_GUARD, useClass: guard('app') },
    { provide: APP_INTERCEPTOR, useClass: interceptor('app') },
    { provide: APP_PIPE, useClass: pipe('app') },
    { provide: APP_FILTER, useClass: LastFilter },
  ];
  const names = ['app', 'global', 'class', 'method', 'parameter'];
  const words = ['guard-throws', 'guard-refuses', 'stops', 'pipe-throws'];
  const paths = [
    '/pipeline/plain/well',
    ...words.flatMap((word) => names.map((name) => `/pipeline/plain/${word}-${name}`)),
    ...['own', 'later', 'http', 'string', 'other'].map((how) => `/pipeline/throws/${how}`),
    '/pipeline/observable',
    '/pipeline/slow',
  ];
  const runs: Record<string, unknown> = {};
  await trial.ask(
    { controllers: [Pipeline], providers },
    async (client) => {
      for (const path of paths) {
        const answer = await client.get(path);
        if (path.endsWith('slow')) await new Promise((resolve) => setTimeout(resolve, 100));
        runs[path] = { answer, calls: calls.splice(0) };
      }
    },
    {
      prepare: (app) => {
        app.useGlobalGuards(new (guard('global'))());
        app.useGlobalInterceptors(new (interceptor('global'))());
        app.useGlobalPipes(new (pipe('global'))());
      },
    },
  );
  return runs;
}

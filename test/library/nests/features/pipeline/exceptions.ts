import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Injectable,
  type CallHandler,
  type CanActivate,
  type NestInterceptor,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { map, type Observable } from 'rxjs';
import type { Trial } from '../../trial.js';

/** How many lines the module may add to the stack of an error, down to the server: one for each hand-over that it stands between. */
const MORE_FRAMES = 30;

/** After the first `await` of a handler, the hand-overs before it are no longer in the stack. */
const MORE_ASYNC_FRAMES = 1;

@Catch()
class StackFilter implements ExceptionFilter<Error> {
  catch(error: Error, host: ArgumentsHost): void {
    const frames = (error.stack ?? '').split('\n').slice(1);
    const ours = frames.filter((frame) => /nestjs-resources|node:(internal\/)?async/.test(frame));
    const theirs = frames
      // The walks of Express over its layers, of Fastify over its hooks and of rxjs over its subscribers may be longer.
      .filter((frame) => !/nestjs-resources|node:|<anonymous>|hooks\.js|\/router\/|\/rxjs\//.test(frame))
      .map((frame) => frame.replace(/\(?file:.*\/|\(?\/.*\//, '').replace(/:\d+:\d+\)?$/, ''));
    const answer = {
      name: error.name,
      message: error.message,
      theirs,
      few: ours.length <= (error.message === 'async' ? MORE_ASYNC_FRAMES : MORE_FRAMES),
    };
    host.switchToHttp().getResponse<{ send(body: object): void }>().send(answer);
  }
}

@Injectable()
class Throwing implements CanActivate {
  canActivate(): boolean {
    throw new RangeError('guard');
  }
}

@Injectable()
class After implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      map(() => {
        throw new RangeError('interceptor');
      }),
    );
  }
}

@Controller('exceptions')
class Exceptions {
  @Get('sync')
  sync(): never {
    throw new TypeError('sync');
  }

  @Get('async')
  async async(): Promise<never> {
    await new Promise((resolve) => setImmediate(resolve));
    throw new TypeError('async');
  }

  @Get('guard')
  @UseGuards(Throwing)
  guard(): void {}

  @Get('interceptor')
  @UseInterceptors(After)
  interceptor(): void {}
}

/** The stacks of errors: no line of the application's or of Nest's is missing, and few are added. */
export default async function exceptions(trial: Trial): Promise<unknown> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 200;
  const providers = [{ provide: APP_FILTER, useClass: StackFilter }];
  const paths = ['sync', 'async', 'guard', 'interceptor', 'missing'].map((name) => `/exceptions/${name}`);
  try {
    return {
      filtered: await trial.ask({ controllers: [Exceptions], providers }, (client) => client.all(paths)),
      unfiltered: await trial.ask({ controllers: [Exceptions] }, (client) => client.all(paths)),
    };
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

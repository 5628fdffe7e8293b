import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  RequestTimeoutException,
} from '@nestjs/common';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import {
  bindCallback,
  catchError,
  concatMap,
  defer,
  from,
  map,
  type Observable,
  switchMap,
  throwError,
  timeout,
  TimeoutError,
} from 'rxjs';
import type { Session } from '../resources/session.js';
import type { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';
import { borrow, sessionStore } from './work.js';

const PATIENCE = 3;

/**
 * Around all others: it gives up those inside of it, and the handler, and answers. What an interceptor gives up of its
 * own making, nobody else can see: the product does not promise to, and the plan does not ask for it.
 */
@Injectable()
export class TimeOutInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const unit = watch.unitOf(context.switchToHttp().getRequest());
    const answer = next.handle();
    return unit.plan.fault === 'time-out' ? answer.pipe(timeout(PATIENCE), orGiveUp(unit)) : answer;
  }
}

/** An interceptor that may borrow, and lose the context before the handler. */
@Injectable()
export class PlannedInterceptor implements NestInterceptor {
  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const unit = watch.unitOf(context.switchToHttp().getRequest());
    const { losses, borrowers } = unit.plan;
    const answer = losses.includes('answer')
      ? defer(() => next.handle()).pipe(
          concatMap((value) => bindCallback(sessionStore.call)().pipe(map(() => value as unknown))),
        )
      : defer(() => next.handle());
    if (losses.includes('interceptor'))
      return bindCallback(sessionStore.call)().pipe(switchMap(() => answer));
    if (!borrowers.includes('interceptor')) return answer;
    return from(query(this.session, unit)).pipe(switchMap(() => answer));
  }
}

/** Around that one: it may borrow when those inside of it have answered. */
@Injectable()
export class AnsweredInterceptor implements NestInterceptor {
  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const unit = watch.unitOf(context.switchToHttp().getRequest());
    if (!unit.plan.borrowers.includes('answer')) return next.handle();
    return next
      .handle()
      .pipe(concatMap((value) => from(query(this.session, unit)).pipe(map(() => value as unknown))));
  }
}

async function query(lease: ScopedLease<Session>, unit: Unit): Promise<void> {
  await watch.work(unit, async () => {
    const session = await borrow(lease, unit);
    await session.query(unit, 'interceptor');
  });
}

function orGiveUp(unit: Unit): (answer: Observable<unknown>) => Observable<unknown> {
  return catchError((error: unknown) => {
    if (!(error instanceof TimeoutError)) return throwError(() => error);
    unit.givenUp = true;
    watch.journal.note(unit, 'is given up by a time-out');
    return throwError(() => new RequestTimeoutException(`${unit.mark} took too long`));
  });
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable, type NestMiddleware } from '@nestjs/common';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import type { Session } from '../resources/session.js';
import { checkContext, ownContext } from '../watch/own-context.js';
import { watch } from '../watch/watch.js';
import { borrow, sessionStore } from './work.js';

type Next = (error?: unknown) => void;

/** Goes on in the callback of a shared client, or of the body's events. */
@Injectable()
export class LosingMiddleware implements NestMiddleware {
  use(request: IncomingMessage, _response: ServerResponse, next: Next): void {
    const { losses } = watch.unitOf(request).plan;
    if (losses.includes('middleware')) return sessionStore.call(next);
    if (!losses.includes('body')) return next();
    request.on('data', () => undefined);
    request.on('end', () => next());
  }
}

/** Enters the application's own storage. */
@Injectable()
export class ContextMiddleware implements NestMiddleware {
  use(request: IncomingMessage, _response: ServerResponse, next: Next): void {
    ownContext.run(watch.unitOf(request).plan.id, next);
  }
}

/** Borrows, and answers with a promise. */
@Injectable()
export class BorrowingMiddleware implements NestMiddleware {
  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  async use(request: IncomingMessage, _response: ServerResponse, next: Next): Promise<void> {
    const unit = watch.unitOf(request);
    if (!unit.plan.borrowers.includes('middleware')) return next();
    try {
      await watch.work(unit, async () => {
        checkContext(unit, 'the middleware');
        const session = await borrow(this.session, unit);
        await session.query(unit, 'middleware');
        checkContext(unit, 'the end of the middleware');
      });
    } catch (error) {
      return next(error);
    }
    next();
  }
}

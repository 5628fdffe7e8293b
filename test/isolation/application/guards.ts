import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { from, type Observable, Subject } from 'rxjs';
import type { Session } from '../resources/session.js';
import { checkContext } from '../watch/own-context.js';
import type { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';
import { borrow, sessionStore } from './work.js';

/** A guard that may borrow, reject, and answer by an Observable in the callback of a shared client. */
@Injectable()
export class PlannedGuard implements CanActivate {
  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  canActivate(context: ExecutionContext): boolean | Observable<boolean> {
    const unit = watch.unitOf(context.switchToHttp().getRequest());
    const { losses, borrowers } = unit.plan;
    if (borrowers.includes('guard')) return from(this.borrow(unit));
    if (!losses.includes('guard')) return decide(unit);
    const answer = new Subject<boolean>();
    sessionStore.call(() => {
      try {
        answer.next(decide(unit));
        answer.complete();
      } catch (error) {
        answer.error(error);
      }
    });
    return answer;
  }

  private async borrow(unit: Unit): Promise<boolean> {
    return await watch.work(unit, async () => {
      const session = await borrow(this.session, unit);
      checkContext(unit, 'the guard');
      await session.query(unit, 'guard');
      return decide(unit);
    });
  }
}

function decide(unit: Unit): boolean {
  if (unit.plan.fault === 'guard') throw new ForbiddenException(`the guard of ${unit.mark} rejects`);
  return true;
}

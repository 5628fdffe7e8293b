import {
  BadRequestException,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type PipeTransform,
} from '@nestjs/common';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import type { Session } from '../resources/session.js';
import { checkContext } from '../watch/own-context.js';
import type { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';
import { borrow } from './work.js';

const UnitParameter = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  watch.unitOf(context.switchToHttp().getRequest()),
);

/** Borrows beside the acquisition of the handler's own parameters, and may fail beside it. */
@Injectable()
export class BorrowingPipe implements PipeTransform<Unit, Promise<Unit>> {
  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  async transform(unit: Unit): Promise<Unit> {
    const { borrowers, fault } = unit.plan;
    if (borrowers.includes('pipe')) {
      await watch.work(unit, async () => {
        const session = await borrow(this.session, unit);
        checkContext(unit, 'the pipe');
        await session.query(unit, 'pipe');
      });
    }
    if (fault === 'pipe') throw new BadRequestException(`the pipe of ${unit.mark} fails`);
    return unit;
  }
}

/** The unit of the request, through the pipe. */
export const Caller = (): ParameterDecorator => UnitParameter(BorrowingPipe);

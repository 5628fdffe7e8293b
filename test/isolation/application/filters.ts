import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import type { Session } from '../resources/session.js';
import type { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';
import { borrow, sessionStore } from './work.js';

/** A filter that may borrow before it answers, or answer in the callback of a shared client. */
@Catch()
export class PlannedFilter implements ExceptionFilter {
  constructor(
    private readonly host: HttpAdapterHost,
    // Of a type for which nobody waits who holds another one.
    @PooledResource('replica') private readonly replica: ScopedLease<Session>,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const unit = watch.unitOf(host.switchToHttp().getRequest());
    const { losses, borrowers } = unit.plan;
    const answer = (): void => this.answer(unit, error, host.switchToHttp().getResponse());
    if (losses.includes('filter')) return await calledBack(answer);
    try {
      if (borrowers.includes('filter')) await this.borrow(unit);
    } catch (failure) {
      watch.journal.note(unit, `can't borrow for its answer: ${String(failure)}`); // its client is gone
    }
    answer();
  }

  private async borrow(unit: Unit): Promise<void> {
    await watch.work(unit, async () => {
      const session = await borrow(this.replica, unit);
      await session.query(unit, 'filter');
    });
  }

  private answer(unit: Unit, error: unknown, response: unknown): void {
    const { httpAdapter } = this.host;
    if (httpAdapter.isHeadersSent(response)) return void httpAdapter.end(response);
    const status = error instanceof HttpException ? error.getStatus() : 500;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    watch.journal.note(unit, `fails with ${text}`);
    httpAdapter.reply(response, { mark: unit.mark, error: text }, status);
  }
}

/** Resolves when the work was done, in the callback of the shared client. */
function calledBack(work: () => void): Promise<void> {
  return new Promise((resolve) => {
    sessionStore.call(() => {
      work();
      resolve();
    });
  });
}

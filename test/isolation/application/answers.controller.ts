import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { Controller, Get, Res, Sse, StreamableFile } from '@nestjs/common';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import {
  concatMap,
  defer,
  finalize,
  from,
  interval,
  map,
  type Observable,
  of,
  switchMap,
  take as first,
} from 'rxjs';
import type { Session } from '../resources/session.js';
import type { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';
import { Caller } from './caller.js';
import { Orders } from './orders.js';
import { type Answer, borrow, serve, take } from './work.js';

const LINES = 4;

/** Handlers whose answer is no promise of a plain value. */
@Controller('u')
export class AnswersController {
  constructor(private readonly orders: Orders) {}

  /** As a query builder: nothing happens before `then` is called, and each call begins anew. */
  @Get('thenable')
  thenable(@Caller() unit: Unit): PromiseLike<Answer> {
    const work = (): Promise<Answer> => serve(unit, () => this.orders.list(unit));
    // oxlint-disable-next-line unicorn/no-thenable -- this is the point
    return { then: (resolve, reject) => work().then(resolve, reject) };
  }

  /** Work that goes on unseen when its subscriber leaves. */
  @Get('observable')
  observable(@Caller() unit: Unit): Observable<Answer> {
    return defer(() => serve(unit, () => this.orders.list(unit)));
  }

  @Get('stepwise')
  stepwise(
    @Caller() unit: Unit,
    @PooledResource('session') session: ScopedLease<Session>,
  ): Observable<Answer> {
    take(session.resource, unit);
    return of('one', 'two').pipe(
      concatMap((text) => watch.work(unit, () => session.resource.query(unit, text))),
      first(1),
      switchMap(() => from(serve(unit, () => this.orders.list(unit)))),
    );
  }

  @Get('generator')
  async *generator(@Caller() unit: Unit): AsyncGenerator<string> {
    yield* this.lines(unit);
  }

  @Get('file')
  file(@Caller() unit: Unit): StreamableFile {
    return new StreamableFile(Readable.from(this.lines(unit)), { type: 'text/plain' });
  }

  @Get('stream')
  stream(@Caller() unit: Unit, @PooledResource('session') session: ScopedLease<Session>): Readable {
    take(session.resource, unit);
    return Readable.from(this.lines(unit), { objectMode: false });
  }

  /** As some libraries make them: whoever destroys it hears nothing. */
  @Get('unclosed')
  unclosed(@Caller() unit: Unit): StreamableFile {
    const lines = this.lines(unit);
    const stream = new Readable({
      emitClose: false,
      read() {
        lines.next().then(
          ({ value }) => this.push(value ?? null),
          (error: Error) => this.destroy(error),
        );
      },
    });
    return new StreamableFile(stream, { type: 'text/plain' });
  }

  @Sse('events')
  events(@Caller() unit: Unit, @PooledResource('session') session: ScopedLease<Session>): Observable<object> {
    take(session.resource, unit);
    return interval(1).pipe(
      first(LINES),
      concatMap(() => watch.work(unit, () => session.resource.query(unit, 'SELECT event'))),
      map((mark) => ({ data: { mark } })),
      finalize(() => watch.journal.note(unit, 'ends its events')),
    );
  }

  /** Nobody but the answer can tell when this work is over. */
  @Get('response')
  response(
    @Caller() unit: Unit,
    @PooledResource('session') session: ScopedLease<Session>,
    @Res() response: ServerResponse & { raw?: ServerResponse; hijack?(): void },
  ): void {
    take(session.resource, unit);
    const { raw = response } = response;
    const { resource } = session;
    setTimeout(() => void answer(unit, resource, raw), 1);
  }

  @Get('response-promise')
  async responsePromise(
    @Caller() unit: Unit,
    @PooledResource('session') session: ScopedLease<Session>,
    @Res() response: ServerResponse & { raw?: ServerResponse },
  ): Promise<void> {
    take(session.resource, unit);
    const { raw = response } = response;
    await watch.work(unit, async () => {
      const mark = await session.resource.query(unit, 'SELECT');
      if (!raw.writableEnded) raw.end(mark);
      // After the answer, and seen: the handler has not settled.
      await session.resource.query(unit, 'INSERT INTO audit');
    });
  }

  /** The promise says nothing of the work that it leaves behind. */
  @Get('response-later')
  async responseLater(
    @Caller() unit: Unit,
    @PooledResource('session') session: ScopedLease<Session>,
    @Res() response: ServerResponse & { raw?: ServerResponse },
  ): Promise<void> {
    take(session.resource, unit);
    const { raw = response } = response;
    const { resource } = session;
    await watch.work(unit, () => resource.query(unit, 'SELECT first'));
    setImmediate(() => void answer(unit, resource, raw));
  }

  private async *lines(unit: Unit): AsyncGenerator<string> {
    const session = await borrow(this.orders.lease, unit);
    for (let line = 0; line < LINES; line++) {
      yield `${await watch.work(unit, () => session.query(unit, 'FETCH'))}${' '.repeat(unit.plan.pauses.length * 100)}\n`;
    }
  }
}

function answer(unit: Unit, resource: Session, raw: ServerResponse): Promise<void> {
  return watch.work(unit, async () => {
    const mark = await resource.query(unit, 'SELECT');
    if (!raw.writableEnded) raw.end(mark); // a time-out may have answered while the parameters came
  });
}

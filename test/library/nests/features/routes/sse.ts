import { once } from 'node:events';
import {
  Controller,
  Get,
  type MessageEvent,
  Param,
  Sse,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { concat, finalize, interval, map, NEVER, type Observable, of, take, throwError } from 'rxjs';
import type { Trial } from '../../trial.js';

const calls: string[] = [];

@Controller('sse')
class Events {
  @Sse('numbers')
  numbers(): Observable<MessageEvent> {
    return interval(2).pipe(
      take(3),
      map((number) => ({ data: { number }, id: String(number), type: 'count', retry: 5 })),
      finalize(() => calls.push('numbers ended')),
    );
  }

  @Sse('text/:id')
  text(@Param('id') id: string): Observable<string> {
    return of(`one\ntwo ${id}`);
  }

  @Sse('later')
  async later(): Promise<Observable<MessageEvent>> {
    await Promise.resolve();
    return of({ data: 'later' });
  }

  @Sse('fails')
  fails(): Observable<MessageEvent> {
    return concat(
      of({ data: 'one' }),
      throwError(() => new Error('after one')),
    );
  }

  @Sse('throws')
  throws(): Observable<MessageEvent> {
    throw new UnauthorizedException('not you');
  }

  @Sse('refused')
  @UseGuards({ canActivate: () => false })
  refused(): Observable<MessageEvent> {
    return of({ data: 'never' });
  }

  @Sse('endless')
  endless(): Observable<MessageEvent> {
    return concat(of({ data: 'first' }), NEVER).pipe(finalize(() => calls.push('endless ended')));
  }

  @Get('calls')
  calls(): string[] {
    return calls;
  }
}

/** Server-sent events: to their end, failing, refused, and with a reader who goes away. */
export default async function sse(trial: Trial): Promise<unknown> {
  calls.length = 0;
  return await trial.ask({ controllers: [Events] }, async (client) => {
    const names = ['numbers', 'text/7', 'later', 'fails', 'throws', 'refused'];
    const answers = await client.all(names.map((name) => `/sse/${name}`));
    const stream = await client.open('/sse/endless');
    let first = '';
    stream.on('data', (text: Buffer) => (first += text.toString()));
    while (!first.includes('first')) await once(stream, 'data');
    stream.destroy();
    const end = performance.now() + 2_000;
    while (!calls.includes('endless ended') && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return { answers, first, calls };
  });
}

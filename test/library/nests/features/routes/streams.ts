import { Readable } from 'node:stream';
import { Controller, Get, Header, Res } from '@nestjs/common';
import { concat, delay, interval, of, take, throwError } from 'rxjs';
import type { Trial } from '../../trial.js';

async function* words(): AsyncGenerator<string> {
  yield 'one ';
  await new Promise((resolve) => setImmediate(resolve));
  yield 'two ';
}

async function* failing(): AsyncGenerator<string> {
  yield 'one ';
  await Promise.resolve();
  throw new Error('in the middle');
}

@Controller('streams')
class Streams {
  @Get('generator')
  generator(): AsyncGenerator<string> {
    return words();
  }

  @Get('method')
  async *method(): AsyncGenerator<object> {
    yield { a: 1 };
    await Promise.resolve();
    yield { b: 2 };
  }

  @Get('sync')
  *sync(): Generator<number> {
    yield 1;
    yield 2;
  }

  @Get('failing')
  @Header('content-type', 'text/plain')
  failing(): AsyncGenerator<string> {
    return failing();
  }

  @Get('promised')
  async promised(): Promise<AsyncGenerator<string>> {
    return await Promise.resolve(words());
  }

  @Get('iterable')
  iterable(): object {
    return { own: 1, [Symbol.asyncIterator]: () => words() };
  }

  @Get('cursor')
  cursor(): object {
    let left = 2;
    return {
      next: () => Promise.resolve(left > 0 ? { row: left-- } : null),
      [Symbol.asyncIterator]: () => words(),
    };
  }

  @Get('piped')
  piped(
    @Res() response: NodeJS.WritableStream & { raw?: NodeJS.WritableStream; send(body: unknown): void },
  ): void {
    const body = Readable.from(words());
    if (response.raw === undefined) body.pipe(response);
    else response.send(body);
  }

  @Get('observable')
  observable(): unknown {
    return interval(1).pipe(take(3), delay(2));
  }

  @Get('observable-fails')
  observableFails(): unknown {
    return concat(
      of(1),
      throwError(() => new Error('after one')),
    );
  }
}

/** Generators, iterables, piped streams and observables, as this Nest treats them. */
export default async function streams(trial: Trial): Promise<unknown> {
  const names = ['generator', 'method', 'sync', 'failing', 'promised', 'iterable', 'piped', 'observable'];
  return await trial.ask({ controllers: [Streams] }, async (client) => {
    const answers = await client.all(
      [...names, 'observable-fails', 'cursor'].map((name) => `/streams/${name}`),
    );
    return { answers, head: await client.ask('/streams/generator', { method: 'HEAD' }) };
  });
}

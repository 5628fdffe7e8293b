import { Injectable, Module, type Type } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { contextOf } from '../../threads/worker/worker-context.js';
import { defineWorker, type JobContext } from './index.js';

@Injectable()
class Printer {
  print(text: string): string {
    return `${text}, printed`;
  }
}

@Injectable()
class Unprovided {}

const closed: unknown[] = [];

@Module({ providers: [Printer] })
class WorkerModule {
  onModuleDestroy(): void {
    closed.push(this);
  }
}

const logger = false;
const { inject } = defineWorker({ context: WorkerModule, logger });
const job = { signal: new AbortController().signal } as JobContext<never>;

describe('a worker with an application context', () => {
  it('has functions that are called with their providers, and closes it', async () => {
    const print = inject([Printer], (printer) => (text: string) => printer.print(text));
    const functions = new Map([['print', print]]);
    const context = contextOf(functions);
    await context?.start(functions);
    expect(await (print as (text: string, job: JobContext<never>) => unknown)('a', job)).toBe('a, printed');
    await context?.close();
    expect(closed).toHaveLength(1);
  });

  it('has none where no function needs it', async () => {
    expect(contextOf(new Map([['plain', () => 1]]))).toBeUndefined();
    await expect(inject([], () => () => 1)()).rejects.toThrow('only in the thread of a processor');
  });

  it('can be of a dynamic module, and of one that comes later', async () => {
    const dynamic = { module: class Dynamic {}, providers: [Printer] };
    for (const context of [dynamic, Promise.resolve(dynamic)]) {
      const worker = defineWorker({ context, logger });
      const print = worker.inject(
        [Printer],
        (printer) => async () => await Promise.resolve(printer.print('b')),
      );
      const functions = new Map([['print', print]]);
      await contextOf(functions)?.start(functions);
      expect(await print()).toBe('b, printed');
      await contextOf(functions)?.close();
    }
  });

  it('is refused a provider that there is not, and closes what was made', async () => {
    closed.length = 0;
    const functions = new Map([['print', inject([Printer, Unprovided], () => () => 1)]]);
    await expect(contextOf(functions)?.start(functions)).rejects.toMatchObject({
      name: 'InvalidOptionsError',
      message: expect.stringContaining(
        '"print" injects Unprovided, which is no provider of the worker\'s context',
      ),
      cause: expect.objectContaining({ message: expect.stringContaining('Unprovided') }),
    });
    expect(closed).toHaveLength(1);
  });

  it('is one', () => {
    const other = defineWorker({ context: WorkerModule, logger });
    const functions = new Map([
      ['one', inject([], () => (): number => 1)],
      ['other', other.inject([], () => (): number => 1)],
    ]);
    expect(() => contextOf(functions)).toThrow('"context" must be one per worker, and its functions have 2');
  });

  it.each([
    ['no options', undefined, '"defineWorker.context" must be a module; got undefined'],
    ['no object', 7, '"defineWorker" must be an object; got 7'],
    ['no module', { context: undefined }, '"defineWorker.context" must be a module; got undefined'],
    ['a name', { context: 'WorkerModule' }, '"defineWorker.context" must be a module; got "WorkerModule"'],
    ['an unknown option', { context: WorkerModule, log: false }, '"defineWorker.log" is not an option'],
  ])('is refused with %s', (_, options, message) => {
    expect(() => defineWorker(options as { context: Type })).toThrow(message);
  });

  it.each([
    ['no tokens', Printer, (): number => 1, 'must be given an array of injection tokens; got a function'],
    [
      'a token that is not there yet',
      [Printer, undefined],
      (): number => 1,
      'got an array with undefined at 1',
    ],
    [
      'no function',
      [Printer],
      undefined,
      "that makes the worker's function from its providers; got undefined",
    ],
  ])('has no function with %s', (_, tokens, make, message) => {
    expect(() => inject(tokens as [typeof Printer], make as unknown as () => () => number)).toThrow(message);
  });
});

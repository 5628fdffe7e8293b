import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { describe, expect, it, jest } from '@jest/globals';
import { ProcessorAbortedError } from '../errors/processors/processor-aborted-error.js';
import { ProcessorCrashedError } from '../errors/processors/processor-crashed-error.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { TimeLimitError } from '../hooks/time-limit.js';
import { settle, VirtualClock } from '../time/virtual-clock.fixture.js';
import { until } from '../../../../test/library/http/until.fixture.js';
import type { JobOptions } from './jobs/job-types.js';
import { ProcessorBench, shared, workerAt, written } from './processor-bench.fixture.js';
import type { ThreadProcessor } from './thread-processor.js';

/** What a job brings, or was refused with. */
const outcome = (job: Promise<unknown>): Promise<unknown> =>
  job.then(
    (result) => result,
    (error: unknown) => error,
  );
const read = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};
const locked = (stream: ReadableStream | WritableStream): unknown => {
  if (stream instanceof ReadableStream) stream.getReader();
  else stream.getWriter();
  return stream;
};
const pair = (): unknown => {
  const both = new TransformStream();
  both.writable.getWriter();
  return both;
};
/** Runs a function that iterates. */
const iterate = async (processor: ThreadProcessor, name: string, input: unknown, options?: JobOptions) =>
  (await processor.run(name, input, options)) as AsyncIterableIterator<number>;

describe('a job', () => {
  it.each([
    ['what its function returns', 'echo', { text: 'a', list: [1, 2] }, { text: 'a', list: [1, 2] }],
    ['what its promise resolves to', 'sum', [1, 2, 3], 6],
    ['what its thenable resolves to', 'thenable', undefined, 'then'],
    ['nothing', 'nothing', undefined, undefined],
    [
      'a date, a map, a big number',
      'echo',
      new Map([['at', [new Date(7), 7n]]]),
      new Map([['at', [new Date(7), 7n]]]),
    ],
  ])('brings %s', async (_, name, input, result) => {
    const processor = await new ProcessorBench().make();
    expect(await processor.run(name, input)).toEqual(result);
  });

  it('fails with what its function throws, as it was thrown', async () => {
    const processor = await new ProcessorBench().make();
    const error = (await outcome(processor.run('fails'))) as Error;
    expect(error).toMatchObject({
      name: 'ReportError',
      message: 'no paper',
      code: 'REPORT',
      details: { page: 3 },
    });
    expect(error.stack).toContain('worker-functions.fixture.js');
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(await processor.run('echo', 'still there')).toBe('still there');
  });

  it.each(['text', undefined, null, { code: 1 }])(
    'fails with what its function rejects with: %j',
    async (value) => {
      const processor = await new ProcessorBench().make();
      await expect(processor.run('rejectsWith', value)).rejects.toEqual(value);
    },
  );

  it('is told in words what was thrown that can not be sent', async () => {
    const processor = await new ProcessorBench().make();
    await expect(processor.run('rejectsWithFunction')).rejects.toThrow('Function');
  });

  it('finds what the jobs before it have left in the module', async () => {
    const processor = await new ProcessorBench().make();
    expect([await processor.run('count'), await processor.run('count')]).toEqual([1, 2]);
  });

  it('runs beside others, as far as one thread can', async () => {
    const processor = await new ProcessorBench().make();
    const seen = shared();
    const abort = new AbortController();
    const long = outcome(processor.run('untilEvent', seen, { signal: abort.signal }));
    await written(seen);
    expect(await processor.run('echo', 1)).toBe(1);
    abort.abort();
    expect(await long).toBeInstanceOf(ProcessorAbortedError);
  });

  it('is not disturbed by what its worker posts by itself', async () => {
    const processor = await new ProcessorBench().make();
    expect(await processor.run('postsGarbage', 'fine')).toBe('fine');
    expect(await processor.run('echo', 'still there')).toBe('still there');
  });

  it.each(['missing', 'notAFunction', '__proto__', 'constructor', '', 7, undefined, Symbol('echo')])(
    'of a name that the worker does not export is refused, and told what there is: %p',
    async (name) => {
      const processor = await new ProcessorBench().make();
      const error = await outcome(processor.run(name as string));
      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect((error as Error).message).toContain(
        'worker-functions.fixture.js exports (busyUntilAborted, bytes, ',
      );
    },
  );

  it.each([
    ['options that are none', null],
    ['an unknown option', { timout: 5 }],
    ['a signal that is none', { signal: {} }],
    ['a time-out of 0', { timeout: 0 }],
    ['an unreadable time-out', { timeout: 'soon' }],
    ['a transfer list that is none', { transfer: new ArrayBuffer(1) }],
  ])('is refused with %s', async (_, options) => {
    const processor = await new ProcessorBench().make();
    await expect(processor.run('echo', 1, options as JobOptions)).rejects.toBeInstanceOf(InvalidOptionsError);
  });

  it('whose input can not be sent is refused, and disturbs nobody', async () => {
    const processor = await new ProcessorBench().make();
    const beside = processor.run('sum', [1, 2]);
    await expect(processor.run('echo', () => 1)).rejects.toMatchObject({ option: 'input' });
    await expect(processor.run('echo', 1, { transfer: [{}] })).rejects.toMatchObject({ option: 'input' });
    expect(await beside).toBe(3);
    expect(processor.running).toBe(0);
  });
});

describe('what is moved', () => {
  it('to the thread is not copied', async () => {
    const processor = await new ProcessorBench().make();
    const { buffer } = new Uint8Array([1, 2, 3]);
    expect(await processor.run('echo', buffer, { transfer: [buffer] })).toEqual(
      new Uint8Array([1, 2, 3]).buffer,
    );
    expect(buffer.byteLength).toBe(0);
  });

  it('to the thread may be a stream', async () => {
    const processor = await new ProcessorBench().make();
    const stream = Readable.toWeb(Readable.from(['one', 'two']));
    expect(await processor.run('readable', stream, { transfer: [stream] })).toBe('onetwo');
  });

  it.each<[string, (port: MessagePort) => readonly unknown[]]>([
    ['the same twice', () => ['again']],
    ['what can not be moved', () => [{}]],
    ['nothing', () => [null]],
    ['a view', () => [new Uint8Array(1)]],
    ['a stream that somebody reads', () => [locked(new ReadableStream())]],
    ['a stream that somebody writes', () => [locked(new WritableStream())]],
    ['a pair of streams of which one is written', () => [pair()]],
    ['a port that is closed', (port) => [port]],
  ])("stays its owner's if it can not be moved with %s", async (_, others) => {
    const processor = await new ProcessorBench().make();
    const { port1 } = new MessageChannel();
    port1.close();
    await new Promise((resolve) => port1.once('close', resolve));
    const { buffer } = new Uint8Array([1, 2, 3]);
    const parts = others(port1).map((each) => (each === 'again' ? buffer : each));
    const transfer = [buffer, ...parts] as object[];
    await expect(processor.run('echo', transfer, { transfer })).rejects.toBeInstanceOf(InvalidOptionsError);
    expect(buffer.byteLength).toBe(3);
    expect(await processor.run('echo', buffer, { transfer: [buffer] })).toHaveProperty('byteLength', 3);
  });

  it('from the thread arrives whole', async () => {
    const processor = await new ProcessorBench().make();
    expect(await processor.run('bytes', 3)).toEqual(new Uint8Array([7, 7, 7]));
    const chunks = (await processor.run('chunks', 2)) as AsyncIterable<Uint8Array>;
    expect((await read(chunks)).map(([first]) => first)).toEqual([0, 1]);
  });
});

describe('what is carried', () => {
  it('is what the hook returns in the context of whoever asks', async () => {
    const ids = new AsyncLocalStorage<string>();
    const processor = await ids.run('maker', () =>
      new ProcessorBench({ carry: () => ({ id: ids.getStore() }) }).make(),
    );
    const asked = ['one', 'two'].map((id) => ids.run(id, () => processor.run('carried')));
    expect(await Promise.all([...asked, processor.run('carried')])).toEqual([
      { id: 'one' },
      { id: 'two' },
      {},
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no context');
      },
    ],
    ['returns what can not be sent', () => () => 1],
    ['returns a promise', () => Promise.resolve(1)],
    ['returns a promise that fails', () => Promise.reject(new Error('late'))],
  ])('is nothing where the hook %s, and the job goes on', async (_, carry) => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const processor = await new ProcessorBench({ carry }).make();
    expect(await processor.run('carried')).toBeUndefined();
    expect(warned).toHaveBeenCalled();
    warned.mockRestore();
  });
});

describe('a hook that carries and', () => {
  it('aborts the job has it never begun', async () => {
    const abort = new AbortController();
    const seen = shared();
    const processor = await new ProcessorBench({ carry: () => abort.abort() }).make();
    const job = processor.run('untilEvent', seen, { signal: abort.signal, timeout: 5_000 });
    await expect(job).rejects.toMatchObject({
      name: 'ProcessorAbortedError',
      cause: { name: 'AbortError' },
    });
    expect(processor.running).toBe(0);
  });
});

describe('items', () => {
  it('come one after the other, and the job is over with the last', async () => {
    const processor = await new ProcessorBench().make();
    expect(await read(await iterate(processor, 'rows', 1_000))).toEqual([...Array(1_000).keys()]);
    expect(processor.running).toBe(0);
  });

  it('that nobody reads are no more than the bound', async () => {
    const processor = await new ProcessorBench({ highWaterMark: 8 }).make();
    const made = shared();
    const items = await iterate(processor, 'counted', made);
    await until(() => Atomics.load(made, 0) >= 8, 'the bound is reached');
    await processor.run('sum', [1]); // the thread has had its turn
    expect(Atomics.load(made, 0)).toBe(8);
    for (let item = 1; item <= 20; item++) expect((await items.next()).value).toBe(item);
    expect(Atomics.load(made, 0)).toBeLessThanOrEqual(28);
    await items.return?.();
  });

  it('end with the loop that is left early, and with them what makes them', async () => {
    const processor = await new ProcessorBench().make();
    for await (const row of await iterate(processor, 'rows', Infinity)) if (row === 40) break;
    expect(await processor.run('returnedEarly')).toBe(1);
    expect(processor.running).toBe(0);
  });

  it('end where their iterator says so in its own way, as they do for a loop', async () => {
    const processor = await new ProcessorBench().make();
    const items = await iterate(processor, 'endsByCount', undefined);
    const seen: unknown[] = [];
    for await (const item of items) if (seen.push(item) > 3) break;
    expect(seen).toEqual([3, 2, 1]);
    expect(processor.running).toBe(0);
  });

  it('that were read before it fails are followed by what was thrown', async () => {
    const processor = await new ProcessorBench().make();
    const items = await iterate(processor, 'failsAfter', 3);
    for (let item = 0; item < 3; item++) expect((await items.next()).value).toBe(item);
    await expect(items.next()).rejects.toBeInstanceOf(RangeError);
    expect(await processor.run('echo', 1)).toBe(1);
  });

  it('are followed by the crash of their thread', async () => {
    const processor = await new ProcessorBench().make();
    const items = await iterate(processor, 'crashesAfter', 2);
    expect([(await items.next()).value, (await items.next()).value]).toEqual([0, 1]);
    await expect(items.next()).rejects.toMatchObject({ name: 'ProcessorCrashedError', exitCode: 7 });
  });

  it('one of which can not be sent are followed by a crash', async () => {
    const processor = await new ProcessorBench().make();
    const items = await iterate(processor, 'yieldsFunction', undefined);
    await expect(read(items)).rejects.toBeInstanceOf(ProcessorCrashedError);
  });

  it('that are aborted fail at once', async () => {
    const processor = await new ProcessorBench().make();
    const abort = new AbortController();
    const items = await iterate(processor, 'counted', shared(), { signal: abort.signal });
    await items.next();
    abort.abort(new Error('enough'));
    await expect(items.next()).rejects.toMatchObject({
      name: 'ProcessorAbortedError',
      cause: new Error('enough'),
    });
  });

  it('of a job that never yields again end its thread when they are left', async () => {
    const bench = new ProcessorBench({ graceful: 20 });
    const processor = await bench.make();
    const seen = shared();
    const items = await iterate(processor, 'loopsAfterOne', seen);
    await items.next();
    await written(seen);
    await items.return?.();
    expect(bench.retired).toHaveLength(1);
  });
});

describe('a job that is to end', () => {
  it.each([
    ['asks its signal in a loop that never yields', 'busyUntilAborted'],
    ['listens for its event', 'untilEvent'],
    ['throws if it is aborted', 'throwsIfAborted'],
  ])('ends by itself when it %s, and its thread lives', async (_, name) => {
    const bench = new ProcessorBench({ graceful: Infinity });
    const processor = await bench.make();
    const seen = shared();
    const abort = new AbortController();
    const job = outcome(processor.run(name, seen, { signal: abort.signal }));
    await written(seen);
    abort.abort(new Error('changed my mind'));
    const error = await job;
    expect(error).toBeInstanceOf(ProcessorAbortedError);
    expect(error).toMatchObject({ type: 'pdf', job: name, cause: new Error('changed my mind') });
    await until(() => processor.running === 0, 'the function has returned');
    expect(await processor.run('echo', 1)).toBe(1);
    expect(bench.retired).toEqual([]);
  });

  it.each(['loops', 'waits'])(
    'and does not (%s) is ended with its thread, when its time is up',
    async (name) => {
      const clock = new VirtualClock();
      const bench = new ProcessorBench({ graceful: '2s' }, { clock });
      const processor = await bench.make();
      const seen = shared();
      const abort = new AbortController();
      const job = outcome(processor.run(name, seen, { signal: abort.signal }));
      await written(seen);
      abort.abort(new Error('enough'));
      expect(await job).toMatchObject({ name: 'ProcessorAbortedError', cause: new Error('enough') });
      await clock.advance(1_999);
      await settle();
      expect(bench.retired).toEqual([]);
      await clock.advance(1);
      await until(() => bench.retired.length > 0, 'its thread has ended');
      await expect(processor.run('echo', 1)).rejects.toBeInstanceOf(ProcessorAbortedError);
      expect(clock.running).toBe(0);
    },
  );

  it('takes those beside it with it, as ended and not as crashed', async () => {
    const processor = await new ProcessorBench({ graceful: 0 }).make();
    const seen = shared();
    const beside = outcome(processor.run('waits', seen));
    await written(seen);
    const loop = outcome(processor.run('loops', undefined, { timeout: 20 }));
    expect(await loop).toBeInstanceOf(ProcessorAbortedError);
    expect(await beside).toBeInstanceOf(ProcessorAbortedError);
  });

  it('when its deadline passes, is told so', async () => {
    const clock = new VirtualClock();
    const processor = await new ProcessorBench({}, { clock }).make();
    const seen = shared();
    const job = outcome(processor.run('busyUntilAborted', seen, { timeout: '3s' }));
    await written(seen);
    await clock.advance(2_999);
    await settle();
    expect(Atomics.load(seen, 1)).toBe(0);
    await clock.advance(1);
    const error = (await job) as Error;
    expect(error).toBeInstanceOf(ProcessorAbortedError);
    expect(error.cause).toBeInstanceOf(TimeLimitError);
    await written(seen, 1);
  });

  it('is told by its own signal, which is not that of a job before it', async () => {
    const processor = await new ProcessorBench().make();
    await processor.run('keepsSignal');
    const seen = shared();
    const job = processor.run('ownIsAborted', seen, { signal: AbortSignal.timeout(20) });
    expect(await outcome(job)).toBeInstanceOf(ProcessorAbortedError);
    await written(seen);
    expect(seen[0]).toBe(1);
  });

  it('before it begins never does', async () => {
    const processor = await new ProcessorBench().make();
    const seen = shared();
    const job = processor.run('loops', seen, { signal: AbortSignal.abort('no') });
    await expect(job).rejects.toMatchObject({ name: 'ProcessorAbortedError', cause: 'no' });
    expect(await processor.run('echo', 1)).toBe(1);
    expect(Atomics.load(seen, 0)).toBe(0);
  });

  it('by a signal that throws when it is asked why, ends all the same', async () => {
    const processor = await new ProcessorBench({ graceful: 0 }).make();
    const abort = new AbortController();
    Object.defineProperty(abort.signal, 'reason', {
      get: () => {
        throw new Error('a trap');
      },
    });
    const job = outcome(processor.run('loops', undefined, { signal: abort.signal }));
    abort.abort();
    expect(await job).toBeInstanceOf(ProcessorAbortedError);
  });

  it('leaves no listener behind on its signal, however it ends', async () => {
    const processor = await new ProcessorBench().make();
    const { signal } = new AbortController();
    const removed = jest.spyOn(signal, 'removeEventListener');
    const added = jest.spyOn(signal, 'addEventListener');
    for (const [name, input] of [['echo', 1], ['fails'], ['echo', () => 1]] as const)
      await outcome(processor.run(name, input, { signal }));
    expect(added).toHaveBeenCalledTimes(3);
    expect(removed).toHaveBeenCalledTimes(3);
  });
});

describe('a thread that crashes', () => {
  it.each([
    ['by process.exit()', 'exits', 3, { exitCode: 3, stderr: ['first line', 'last line'] }],
    [
      'by an error that nobody catches',
      'throwsLater',
      undefined,
      { exitCode: 1, cause: expect.objectContaining({ name: 'ReportError', code: 'REPORT' }) },
    ],
    [
      'by a result that can not be sent',
      'returnsFunction',
      undefined,
      { cause: expect.objectContaining({ name: 'DataCloneError' }) },
    ],
    [
      'by using its memory up',
      'usesMemory',
      undefined,
      { cause: expect.objectContaining({ code: 'ERR_WORKER_OUT_OF_MEMORY' }) },
    ],
  ])('%s fails its job with all that is known', async (_, name, input, told) => {
    const bench = new ProcessorBench({ resourceLimits: { maxOldGenerationSizeMb: 24 } });
    const processor = await bench.make();
    const error = await outcome(processor.run(name, input));
    expect(error).toBeInstanceOf(ProcessorCrashedError);
    expect(error).toMatchObject({ type: 'pdf', job: name, retryable: false, ...told });
    expect(bench.retired).toEqual([error]);
  });

  it('fails each of its jobs, and every later one', async () => {
    const processor = await new ProcessorBench().make();
    const beside = outcome(processor.run('waits'));
    const crashing = outcome(processor.run('exits', 1));
    expect(await crashing).toMatchObject({ name: 'ProcessorCrashedError', job: 'exits' });
    expect(await beside).toMatchObject({ name: 'ProcessorCrashedError', job: 'waits' });
    await expect(processor.run('echo', 1)).rejects.toBeInstanceOf(ProcessorCrashedError);
  });

  it('while nothing runs in it retires', async () => {
    const bench = new ProcessorBench();
    const processor = await bench.make();
    await processor.run('throwsWhenIdle');
    await until(() => bench.retired.length > 0, 'its thread has ended');
    expect(bench.retired).toMatchObject([
      { name: 'ProcessorCrashedError', job: undefined, cause: { message: 'left behind' } },
    ]);
  });

  it('ends no other', async () => {
    const bench = new ProcessorBench();
    const [one, other] = [await bench.make(), await bench.make()];
    expect(await one.run('thread')).not.toBe(await other.run('thread'));
    const beside = other.run('sum', [1, 2]);
    await outcome(one.run('exits', 1));
    expect(await beside).toBe(3);
  });
});

describe('what a worker has caught by a listener', () => {
  const listening = async (): Promise<ThreadProcessor> => {
    const processor = await new ProcessorBench({ resourceLimits: { maxOldGenerationSizeMb: 16 } }).make();
    expect(await processor.run('throwsToListener', 'caught')).toBe('caught');
    return processor;
  };

  it('ends nothing', async () => {
    const processor = await listening();
    expect(await processor.run('echo', 1)).toBe(1);
  });

  it('is not told as the cause of what ends the thread later', async () => {
    const processor = await listening();
    const error = await outcome(processor.run('usesMemory'));
    expect(error).toMatchObject({ cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' } });
  });
});

describe('a worker that can not be loaded', () => {
  it('fails with what it throws', async () => {
    const bench = new ProcessorBench({ file: workerAt('throws-at-import') });
    await expect(bench.make()).rejects.toMatchObject({ name: 'TypeError', message: 'the font is missing' });
  });

  it('fails with how its thread ended', async () => {
    const bench = new ProcessorBench({ file: workerAt('exits-at-import') });
    await expect(bench.make()).rejects.toMatchObject({
      name: 'ProcessorCrashedError',
      exitCode: 4,
      job: undefined,
    });
  });

  it('because it exports nothing to run fails, and is not tried again', async () => {
    const bench = new ProcessorBench({ file: workerAt('exports-nothing') });
    const error = await outcome(bench.make());
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(String(error)).toContain('exports no function that a job could run: exports-nothing.fixture.js');
  });

  it('with an option that Node refuses fails', async () => {
    await expect(new ProcessorBench({ execArgv: ['--no-such-option'] }).make()).rejects.toThrow(
      '--no-such-option',
    );
  });
});

describe('a worker of CommonJS', () => {
  it('that is a function exports that as the default, and as nothing else', async () => {
    const file = new URL('./exports-one.fixture.cjs', import.meta.url);
    const processor = await new ProcessorBench({ file }).make();
    expect(await processor.run('default', 1)).toBe(1);
    await expect(processor.run('module.exports', 1)).rejects.toThrow('exports (default)');
  });

  it('exports methods that are called like classes, and no class', async () => {
    const file = new URL('./exports-methods.fixture.cjs', import.meta.url);
    const processor = await new ProcessorBench({ file }).make();
    expect(await processor.run('classify', 'tea')).toBe('tea is classified');
    expect(await processor.run('class', 'tea')).toBe('class of tea');
    await expect(processor.run('Class', 1)).rejects.toThrow('exports (classify, class)');
  });
});

describe('a thread', () => {
  it('has the environment and the options that it is given', async () => {
    const processor = await new ProcessorBench({
      env: { LEVEL: 'high' },
      execArgv: ['--no-warnings'],
    }).make();
    expect(await processor.run('environment')).toEqual({ LEVEL: 'high', execArgv: ['--no-warnings'] });
  });
});

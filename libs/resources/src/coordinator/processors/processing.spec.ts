import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { AcquireAbortedError } from '../../errors/acquire-aborted-error.js';
import { AcquireTimeoutError } from '../../errors/acquire-timeout-error.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { PoolClosedError } from '../../errors/pool-closed-error.js';
import { UnknownResourceError } from '../../errors/unknown-resource-error.js';
import { until } from '../../../../../test/library/http/until.fixture.js';
import { shared, workerAt, written } from '../../threads/processor-bench.fixture.js';
import type { ProcessorOptions } from '../../threads/processor-options.js';
import { ResourceBudget } from '../../pool/index.js';
import type { PoolOptions } from '../../pool/pool-options.js';
import type { ThreadProcessor } from '../../threads/thread-processor.js';
import type { ProcessOptions } from './processing.js';
import { resourceOfProcessor } from './processor-definition.js';
import { ResourceCoordinator } from '../resource-coordinator.js';

const coordinators: ResourceCoordinator[] = [];

afterEach(async () => {
  for (const coordinator of coordinators.splice(0)) await coordinator.cleanup({ deadline: 0 });
});

/** A coordinator of one processor type, `pdf`. */
function coordinatorOf(pool: PoolOptions = {}, options: Partial<ProcessorOptions> = {}): ResourceCoordinator {
  const definition = { file: workerAt(), execArgv: ['--no-warnings'], ...options, pool };
  const pdf = resourceOfProcessor(definition, { at: 'processors.pdf', type: 'pdf' });
  const coordinator = new ResourceCoordinator({ resources: { pdf } });
  coordinators.push(coordinator);
  return coordinator;
}

const outcome = (job: Promise<unknown>): Promise<unknown> =>
  job.then(
    (result) => result,
    (error: unknown) => error,
  );
const leased = (coordinator: ResourceCoordinator): number | undefined =>
  coordinator.stats().pools['pdf']?.leased;

describe('a task', () => {
  it('is lent a processor, runs, and gives it back', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    expect(await coordinator.process('pdf', 'sum', [1, 2])).toBe(3);
    await expect(coordinator.process('pdf', 'fails')).rejects.toMatchObject({ name: 'ReportError' });
    await until(() => leased(coordinator) === 0, 'the processor is back');
    expect(await coordinator.process('pdf', 'count')).toBe(1);
    expect(coordinator.stats().pools['pdf']).toMatchObject({ created: 1, acquired: 3 });
  });

  it('waits in the one queue of the pool, by its tenant and its priority', async () => {
    const coordinator = coordinatorOf({ max: 1, queue: { order: 'priority' } });
    const [abort, seen] = [new AbortController(), shared()];
    const first = coordinator.process('pdf', 'busyUntilAborted', seen, { signal: abort.signal });
    await written(seen);
    const order: number[] = [];
    const asked = [1, 9, 5].map((priority) =>
      coordinator
        .process('pdf', 'echo', priority, { priority, tenant: `${priority}` })
        .then((done) => order.push(done as number)),
    );
    expect(coordinator.stats().pools['pdf']).toMatchObject({ pending: 3, size: 1 });
    abort.abort();
    await outcome(first);
    await Promise.all(asked);
    expect(order).toEqual([9, 5, 1]);
  });

  it('has one deadline for the wait and the work', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    await coordinator.warmUp();
    const seen = shared();
    const first = outcome(coordinator.process('pdf', 'busyUntilAborted', seen, { timeout: 600 }));
    await written(seen);
    await expect(coordinator.process('pdf', 'echo', 1, { timeout: 20 })).rejects.toBeInstanceOf(
      AcquireTimeoutError,
    );
    expect(await first).toMatchObject({ name: 'ProcessorAbortedError', cause: { name: 'TimeLimitError' } });
  });

  it('is given up by its signal, while it waits and while it works', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    const [abort, seen] = [new AbortController(), shared()];
    const { signal } = abort;
    const working = outcome(coordinator.process('pdf', 'busyUntilAborted', seen, { signal }));
    await written(seen);
    const waiting = outcome(coordinator.process('pdf', 'echo', 1, { signal }));
    abort.abort(new Error('enough'));
    expect(await working).toMatchObject({ name: 'ProcessorAbortedError', cause: new Error('enough') });
    expect(await waiting).toBeInstanceOf(AcquireAbortedError);
    expect(await coordinator.process('pdf', 'echo', 2)).toBe(2);
  });

  it('costs its signal, and that of its scope, one listener, however many wait and work with it', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    const { signal } = new AbortController();
    const tasks = (): Promise<unknown>[] =>
      Array.from({ length: 20 }, () => coordinator.process('pdf', 'sum', [1, 2], { signal }));
    const all = [...tasks(), coordinator.run(() => Promise.all(tasks()))];
    const session = coordinator.use<ThreadProcessor>('pdf', (processor) =>
      Promise.all(Array.from({ length: 20 }, () => processor.run('sum', [1, 2], { signal }))),
    );
    await Promise.resolve();
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all([...all, session]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('that crashes costs its own processor alone, and the next one is another', async () => {
    const coordinator = coordinatorOf({ max: 2 });
    const [crashed, beside] = await Promise.allSettled([
      coordinator.process('pdf', 'exits', 3),
      coordinator.process('pdf', 'sum', [1, 2]),
    ]);
    expect([crashed, beside]).toMatchObject([
      { reason: { name: 'ProcessorCrashedError', type: 'pdf', exitCode: 3 } },
      { value: 3 },
    ]);
    expect(await coordinator.process('pdf', 'echo', 1)).toBe(1);
    await until(() => leased(coordinator) === 0, 'all are back');
  });

  it('moves what it is told to', async () => {
    const coordinator = coordinatorOf();
    const { buffer } = new Uint8Array([1]);
    await coordinator.process('pdf', 'echo', buffer, { transfer: [buffer] });
    expect(buffer.byteLength).toBe(0);
  });

  it.each([
    ['no options', null],
    ['an unknown option', { separate: true }],
    ['an unreadable time-out', { timeout: 'soon' }],
    ['a time-out of 0', { timeout: 0 }],
    ['a priority that is none', { priority: 10 }],
    ['a signal that is none', { signal: 7 }],
    ['an owner that is none', { owner: 7 }],
    ['a transfer list that is none', { transfer: 7 }],
  ])('is refused with %s, and takes nothing', async (_, options) => {
    const coordinator = coordinatorOf();
    const job = coordinator.process('pdf', 'echo', 1, options as ProcessOptions);
    await expect(job).rejects.toBeInstanceOf(InvalidOptionsError);
    await until(() => leased(coordinator) === 0, 'nothing is on loan');
  });

  it('of a type that is not there, or has no processors, is refused', async () => {
    const coordinator = coordinatorOf();
    coordinator.register('pg', { create: () => ({}) });
    coordinator.register('number', { create: () => 7 });
    await expect(coordinator.process('pfd', 'echo')).rejects.toBeInstanceOf(UnknownResourceError);
    for (const type of ['pg', 'number'])
      await expect(coordinator.process(type, 'echo')).rejects.toThrow('has no processors');
    expect(coordinator.stats().pools['pg']).toMatchObject({ leased: 0, acquired: 1 });
  });

  it('may be run by what a test puts in the place of a processor', async () => {
    const coordinator = new ResourceCoordinator();
    const run = jest.fn(async (...asked: unknown[]) => asked);
    coordinator.register('pdf', { create: () => ({ run }) });
    const { signal } = new AbortController();
    expect(await coordinator.process('pdf', 'echo', 1)).toEqual(['echo', 1, undefined]);
    const asked = ['echo', 1, { signal, timeout: Infinity }];
    expect(await coordinator.process('pdf', 'echo', 1, { signal })).toEqual(asked);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('that begins while draining is refused', async () => {
    const coordinator = coordinatorOf();
    await coordinator.cleanup();
    await expect(coordinator.process('pdf', 'echo', 1)).rejects.toBeInstanceOf(PoolClosedError);
  });
});

describe('tasks of one unit of work', () => {
  it('have a thread each, and another one than its session', async () => {
    const coordinator = coordinatorOf({ max: 3 });
    const [abort, seen] = [new AbortController(), [shared(), shared()]];
    await coordinator.run(async () => {
      await coordinator.acquire('pdf');
      const tasks = seen.map((each) =>
        outcome(coordinator.process('pdf', 'untilEvent', each, { signal: abort.signal })),
      );
      for (const each of seen) await written(each);
      expect(leased(coordinator)).toBe(3);
      abort.abort();
      await Promise.all(tasks);
    });
    await until(() => leased(coordinator) === 0, 'all are back');
  });

  it('keep it open until they are done, although nobody waits', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    let task: Promise<unknown> | undefined;
    await coordinator.run(() => {
      task = coordinator.process('pdf', 'sum', [1, 2]);
    });
    expect(await task).toBe(3);
    await until(() => coordinator.stats().scopes === 0, 'the scope has ended');
  });

  it('are told of a fatal error as any work is', async () => {
    const coordinator = coordinatorOf({ max: 1, validation: { isFatal: () => true } });
    await outcome(coordinator.run(() => coordinator.process('pdf', 'fails')));
    await until(() => coordinator.stats().pools['pdf']?.retired.invalid === 1, 'it has retired');
    await outcome(coordinator.process('pdf', 'fails'));
    await until(() => coordinator.stats().pools['pdf']?.retired.invalid === 2, 'so has the next one');
  });
});

describe('the items of a task', () => {
  const rows = async (coordinator: ResourceCoordinator, to = 100) =>
    (await coordinator.process('pdf', 'rows', to)) as AsyncIterableIterator<number>;

  it('hold the processor until the last was read', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    const items = await rows(coordinator);
    expect(leased(coordinator)).toBe(1);
    let sum = 0;
    for await (const item of items) sum += item;
    expect(sum).toBe(4_950);
    await until(() => leased(coordinator) === 0, 'it is back');
  });

  it('hold it no longer than the loop that is left', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    for await (const _ of await rows(coordinator, Infinity)) break;
    await until(() => leased(coordinator) === 0, 'it is back');
    expect(await coordinator.process('pdf', 'returnedEarly')).toBe(1);
  });

  it('that nobody reads end with the unit of work', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    const items = await coordinator.run(() => rows(coordinator, Infinity));
    await until(() => leased(coordinator) === 0, 'it is back');
    await expect(items.next()).rejects.toMatchObject({
      name: 'ProcessorAbortedError',
      cause: { message: 'its lease has ended' },
    });
  });

  it('end at the deadline, however they are read', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    await coordinator.warmUp();
    const items = (await coordinator.process('pdf', 'rows', Infinity, {
      timeout: 300,
    })) as AsyncIterable<number>;
    const read = (async () => {
      for await (const _ of items);
    })();
    await expect(read).rejects.toMatchObject({ name: 'ProcessorAbortedError' });
    await until(() => leased(coordinator) === 0, 'it is back');
  });
});

describe('a session', () => {
  it('whose lease ends takes its work with it', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    const seen = shared();
    const lease = await coordinator.acquire<{ run(name: string, input: unknown): Promise<unknown> }>('pdf');
    const job = outcome(lease.resource.run('busyUntilAborted', seen));
    await written(seen);
    await lease.release();
    expect(await job).toMatchObject({ name: 'ProcessorAbortedError' });
    expect(await coordinator.process('pdf', 'echo', 1)).toBe(1);
    expect(coordinator.stats().pools['pdf']?.created).toBe(1);
  });
});

describe('a pool of processors, as any other', () => {
  it('shares a budget, and leaves an idle place to who waits in another pool', async () => {
    const quota = { budget: new ResourceBudget(2) };
    const coordinator = coordinatorOf({ max: 2, quota });
    coordinator.register('desk', { create: () => ({}) }, { quota });
    for (const lease of await Promise.all([1, 2].map(() => coordinator.acquire('pdf'))))
      await lease.release();
    expect(coordinator.stats().pools['pdf']).toMatchObject({ size: 2, idle: 2 });
    const desk = await coordinator.acquire('desk');
    expect(coordinator.stats().pools).toMatchObject({ pdf: { size: 1 }, desk: { size: 1 } });
    expect(await coordinator.process('pdf', 'echo', 1)).toBe(1);
    await desk.release();
  });

  it('tells of a session that is held for too long', async () => {
    const coordinator = coordinatorOf({ leaks: { warnAfter: 20 } });
    const told: string[] = [];
    coordinator.events$.subscribe(({ kind }) => told.push(kind));
    const session = await coordinator.acquire('pdf');
    await until(() => told.includes('leakSuspected'), 'it is suspected');
    await session.release();
    expect(told).toContain('leakReturned');
  });
});

describe('the stats of a coordinator', () => {
  it('tell of its processors, if it has some', async () => {
    const coordinator = coordinatorOf({ max: 1 });
    await coordinator.process('pdf', 'echo', 1);
    expect(coordinator.stats().processors).toMatchObject({
      pdf: { returned: 1, threads: [{ uses: expect.any(Number), utilization: expect.any(Number) }] },
    });
    expect(new ResourceCoordinator().stats()).not.toHaveProperty('processors');
  });
});

describe('a pool of processors that crash', () => {
  it('suspends creation, and serves again when they are well', async () => {
    const coordinator = coordinatorOf({ min: 0, max: 1, creation: { breaker: { failures: 2 } } });
    for (let round = 0; round < 2; round++) await outcome(coordinator.process('pdf', 'exits', 1));
    const refused = await outcome(coordinator.process('pdf', 'echo', 1));
    expect(refused).toMatchObject({
      name: 'ResourceCreationError',
      cause: { name: 'ProcessorCrashedError' },
    });
    await until(async () => (await outcome(coordinator.process('pdf', 'echo', 1))) === 1, 'it serves again');
  });
});

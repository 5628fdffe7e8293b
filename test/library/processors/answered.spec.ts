import { Controller, Get, type NestInterceptor, UseInterceptors } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledResource, ResourceCoordinator, type ScopedLease } from 'nestjs-resources';
import type { Processor } from 'nestjs-resources/processors';
import { timeout } from 'rxjs';
import { ADAPTERS, type LendingApp, startLendingApp } from '../http/lending-app.fixture.js';
import { until } from '../http/until.fixture.js';

/** How each job ended, by the path that asked for it. */
const ends = new Map<string, unknown>();

function noted(path: string, job: Promise<unknown>): Promise<unknown> {
  const note = job.then(
    (result) => result,
    (error: unknown) => (error as Error).name,
  );
  return note.then((end) => ends.set(path, end));
}

const givesUp: NestInterceptor = { intercept: (_, next) => next.handle().pipe(timeout(100)) };

@Controller()
class JobsController {
  constructor(
    private readonly coordinator: ResourceCoordinator,
    @PooledResource('worker') private readonly worker: ScopedLease<Processor>,
  ) {}

  @Get('task')
  task(): string {
    void noted('task', this.coordinator.process('worker', 'beside'));
    return 'accepted';
  }

  @Get('session')
  session(): string {
    const work = async (processor: Processor): Promise<unknown> => [
      await processor.run('beside'),
      await processor.run('beside'),
    ];
    void noted('session', this.worker.use(work));
    return 'accepted';
  }

  @Get('given-up')
  @UseInterceptors(givesUp)
  async givenUp(): Promise<string> {
    const began = new Int32Array(new SharedArrayBuffer(4));
    await noted('given-up', this.coordinator.process('worker', 'loops', began));
    return 'done';
  }
}

let started: LendingApp | undefined;

afterEach(async () => {
  await started?.app.close();
  started = undefined;
  ends.clear();
});

describe.each(ADAPTERS)('a job that its request was answered without, on %s', (adapter) => {
  const start = async (): Promise<LendingApp> => {
    const file = new URL('./faults.worker.js', import.meta.url);
    const worker = { file, graceful: 50, execArgv: ['--no-warnings'], pool: { max: 2 } };
    const options = { logging: false, processors: { worker } };
    return (started = await startLendingApp(adapter, options, { controllers: [JobsController] }));
  };

  it.each([
    ['task', 'well'],
    ['session', ['well', 'well']],
  ])('goes on as a %s, and its lease comes back', async (path, end) => {
    const { url, coordinator } = await start();
    const response = await fetch(`${url}/${path}`, { headers: { connection: 'close' } });
    expect(await response.text()).toBe('accepted');
    await until(() => ends.has(path), 'the job is over');
    expect(ends.get(path)).toEqual(end);
    await until(() => coordinator.leases().length === 0, 'its lease is back');
    expect(coordinator.stats().scopes).toBe(0);
  });

  it('because it was given up is ended', async () => {
    const { url, coordinator } = await start();
    const response = await fetch(`${url}/given-up`, { headers: { connection: 'close' } });
    expect(response.status).toBe(500);
    await until(() => ends.has('given-up'), 'the job is over');
    expect(ends.get('given-up')).toBe('ProcessorAbortedError');
    await until(() => coordinator.stats().pools['worker']?.leased === 0, 'its lease is back');
  });
});

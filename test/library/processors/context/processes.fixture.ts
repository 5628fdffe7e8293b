import type { Worker } from 'node:worker_threads';
import { ResourceCoordinator } from 'nestjs-resources';
import { defineProcessor } from 'nestjs-resources/processors';

/** What a process does whose threads have an application context. */
const programs: Readonly<Record<string, (coordinator: ResourceCoordinator) => Promise<unknown>>> = {
  idle: async (coordinator) => await coordinator.process('press', 'print', 'a'),
  closing: async (coordinator) => {
    await coordinator.process('press', 'print', 'a');
    await coordinator.cleanup();
    return threads.size;
  },
  neverStarted: async (coordinator) => {
    const error = await coordinator.warmUp().catch((thrown: unknown) => thrown);
    return error instanceof Error ? error.name : error;
  },
};

const threads = new Set<Worker>();
process.on('worker', (worker) => {
  threads.add(worker);
  worker.on('exit', () => threads.delete(worker));
});

const [program = '', trace] = process.argv.slice(2);
const coordinator = new ResourceCoordinator({
  resources: {
    press: defineProcessor({
      file: new URL('./context.worker.fixture.js', import.meta.url),
      execArgv: ['--no-warnings'],
      env: { TRACE: trace, ...(program === 'neverStarted' && { INIT: 'spins' }) },
      pool: {
        acquireTimeout: '1m',
        ...(program === 'neverStarted' && { creation: { timeout: '3s', retry: { attempts: 1 } } }),
      },
    }),
  },
});
process.send?.(await programs[program]?.(coordinator));
process.disconnect();

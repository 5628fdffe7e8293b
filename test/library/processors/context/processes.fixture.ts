import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { ResourceCoordinator } from 'nestjs-resources';
import { defineProcessor } from 'nestjs-resources/processors';
import { until } from '../../http/until.fixture.js';

/** What a process does whose threads have an application context. */
const programs: Readonly<Record<string, (coordinator: ResourceCoordinator) => Promise<unknown>>> = {
  idle: async (coordinator) => await coordinator.process('press', 'print', 'a'),
  closing: async (coordinator) => {
    await coordinator.process('press', 'print', 'a');
    await coordinator.cleanup();
    return threads.size;
  },
  logging: async (coordinator) => {
    const lines: string[] = [];
    process.stdout.write = (text) => lines.push(text.toString()) > 0;
    await coordinator.process('press', 'log', 'a page');
    await coordinator.cleanup();
    const told = (): string[] => lines.filter((line) => line.includes('[Press]') && line.includes('a page'));
    await until(() => told().length > 0, 'it is written');
    return told().length;
  },
  neverStarted: async (coordinator) => {
    const error = await coordinator.warmUp().catch((thrown: unknown) => thrown);
    return error instanceof Error ? error.name : error;
  },
};

const threads = new Set<Worker>();
await nextTurn(); // newer Nodes tell of the loader's own thread when the first module is running already
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
      env: {
        TRACE: trace,
        ...(program === 'neverStarted' && { INIT: 'spins' }),
        ...(program === 'logging' && { LOGGER: 'levels' }),
      },
      pool: {
        acquireTimeout: '2m',
        creation: { timeout: program === 'neverStarted' ? '3s' : '1m', retry: { attempts: 1 } },
      },
    }),
  },
});
process.send?.(await programs[program]?.(coordinator));
process.disconnect();

import { ResourceCoordinator } from 'nestjs-resources';
import { defineProcessor, type Processor } from 'nestjs-resources/processors';

/** What a process does that has processors, and ends without ending them. */
const programs: Readonly<Record<string, (coordinator: ResourceCoordinator) => Promise<unknown>>> = {
  idle: async (coordinator) => await coordinator.warmUp(),
  leased: async (coordinator) => await coordinator.acquire('worker'),
  working: async (coordinator) => await coordinator.process('worker', 'beside'),
  recycling: async (coordinator) => {
    for (let job = 0; job < 3; job++) await coordinator.process('worker', 'bytes');
    await (await coordinator.acquire<Processor>('worker')).resource.run('bytes'); // so that what is made waits
  },
  transferring: async (coordinator) => ((await coordinator.process('worker', 'bytes')) as Uint8Array).length,
  reading: async (coordinator) => {
    let read = 0;
    for await (const _ of (await coordinator.process('worker', 'rows', 500)) as AsyncIterable<number>) read++;
    return read;
  },
  unread: async (coordinator) => await coordinator.process('worker', 'rows', Infinity, { timeout: '1h' }),
  halfRead: async (coordinator) => {
    const rows = (await coordinator.process('worker', 'rows', Infinity)) as AsyncIterator<number>;
    return (await rows.next()).value as number;
  },
};

const coordinator = new ResourceCoordinator({
  resources: {
    worker: defineProcessor({
      file: new URL('./faults.worker.js', import.meta.url),
      execArgv: ['--no-warnings'],
      recycle: { maxUses: 1, jitter: 0 },
    }),
  },
});
const result = await programs[process.argv[2] ?? '']?.(coordinator);
process.send?.(typeof result === 'object' ? 'done' : (result ?? 'done'));
process.disconnect();

import { extname } from 'node:path';
import { ResourceCoordinator } from 'nestjs-resources';
import { defineProcessor } from 'nestjs-resources/processors';
import { Piscina } from 'piscina';
import type * as hashing from './hashing.js';

// As the file beside it: built, or in a test its source.
const file = new URL(`./hashing${extname(import.meta.url)}`, import.meta.url);

/** Something that runs tasks in threads. */
export interface TaskRunner {
  run(blocks: number): Promise<unknown>;
  close(): Promise<unknown>;
}

/** The coordinator, whose processors hash. */
export interface HashingCoordinator extends TaskRunner {
  /** @param tenant of whom the queue serves each in turn */
  runFor(tenant: string, blocks: number, signal: AbortSignal | undefined): Promise<unknown>;
}

/** @param threads from the start, a count */
export async function openCoordinator(threads: number): Promise<HashingCoordinator> {
  const coordinator = new ResourceCoordinator();
  const { pool, ...factory } = defineProcessor<typeof hashing>({
    file,
    pool: { min: threads, max: threads, acquireTimeout: '5m', queue: { order: 'fair' } },
  });
  coordinator.register('hashing', factory, pool);
  await coordinator.pools.get('hashing')?.warmUp();
  return {
    run: (blocks) => coordinator.process('hashing', 'hash', blocks),
    runFor: (tenant, blocks, signal) =>
      coordinator.process('hashing', 'hash', blocks, {
        tenant,
        ...(signal !== undefined && { signal }),
      }),
    close: () => coordinator.cleanup(),
  };
}

/** As its users make it: all else is piscina's default, `atomics` too. */
export function openPiscina(threads: number): TaskRunner {
  const piscina = new Piscina({
    filename: file.href,
    name: 'hash',
    minThreads: threads,
    maxThreads: threads,
  });
  return { run: (blocks) => piscina.run(blocks), close: () => piscina.destroy() };
}

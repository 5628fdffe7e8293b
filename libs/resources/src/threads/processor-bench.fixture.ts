import { afterEach } from '@jest/globals';
import { FACTORY_STATS } from '../hooks/factory-stats.js';
import { DEFAULT_POOL_OPTIONS } from '../pool/pool-options.js';
import type { ProcessorStats } from '../reports/processor-stats.js';
import type { Clock } from '../time/clock.js';
import { until } from '../../../../test/library/http/until.fixture.js';
import { ProcessorFactory } from './processor-factory.js';
import { type ProcessorOptions, readProcessorOptions } from './processor-options.js';
import type { ThreadProcessor } from './thread-processor.js';

const { breaker } = DEFAULT_POOL_OPTIONS.creation;

/** URL of a worker module for tests. */
export const workerAt = (name = 'worker-functions'): URL => new URL(`./${name}.fixture.js`, import.meta.url);

/** Processors of a test, each with what its pool would be told. They are ended with the test. */
export class ProcessorBench {
  readonly retired: unknown[] = [];
  readonly factory: ProcessorFactory;
  private readonly made: ThreadProcessor[] = [];

  constructor(
    options: Partial<ProcessorOptions> = {},
    {
      clock,
      failures = breaker.failures,
      type = 'pdf',
      creationTimeout = 10_000,
    }: { clock?: Clock; failures?: number; type?: string; creationTimeout?: number } = {},
  ) {
    const settings = readProcessorOptions(
      { file: workerAt(), execArgv: ['--no-warnings'], ...options },
      'processors.pdf',
      type,
    );
    const creationBreaker = { failures, cooldown: 200, maxCooldown: 1_000 };
    this.factory = new ProcessorFactory(type, settings, { creationBreaker, creationTimeout }, clock);
    benches.add(this);
  }

  async make(signal = new AbortController().signal): Promise<ThreadProcessor> {
    const processor = await this.factory.create({ signal, retire: (cause) => void this.retired.push(cause) });
    this.made.push(processor);
    return processor;
  }

  get stats(): ProcessorStats {
    return this.factory[FACTORY_STATS]();
  }

  async end(): Promise<void> {
    for (const processor of this.made) await processor.close(AbortSignal.abort());
  }
}

const benches = new Set<ProcessorBench>();

afterEach(async () => {
  for (const bench of benches) await bench.end();
  benches.clear();
});

/** Memory in which a job can say where it is: the first number when it has begun, the second when it was told to end. */
export function shared(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Waits until a job has written there. */
export async function written(memory: Int32Array, index = 0): Promise<void> {
  await until(() => Atomics.load(memory, index) > 0, 'a job has written');
}

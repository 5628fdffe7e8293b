import { describe, expect, it } from '@jest/globals';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { ProcessorAbortedError } from '../../errors/processors/processor-aborted-error.js';
import { ProcessorBench, shared, written } from '../processor-bench.fixture.js';

const fails = (): never => {
  throw new Error('not today');
};

/** A signal of a polyfill's, as lazy or as hostile as a test has it. */
class ForeignSignal {
  aborted = false;
  readonly reason: unknown = undefined;
  readonly listeners = new Set<(event?: unknown) => void>();

  addEventListener(_: string, listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_: string, listener: () => void): void {
    this.listeners.delete(listener);
  }

  /** As the options have it. */
  get own(): AbortSignal {
    return this as unknown as AbortSignal;
  }
}

describe('a foreign signal', () => {
  it.each<[string, unknown[]]>([
    ['without an event', []],
    ['with an event of its own', [{ type: 'abort' }]],
  ])('that calls %s ends the job', async (_, event) => {
    const processor = await new ProcessorBench().make();
    const [signal, seen] = [new ForeignSignal(), shared()];
    const job = processor.run('busyUntilAborted', seen, { signal: signal.own });
    await written(seen);
    for (const listener of signal.listeners) listener(...event);
    await expect(job).rejects.toBeInstanceOf(ProcessorAbortedError);
    expect(signal.listeners.size).toBe(0);
  });

  it.each<[string, PropertyDescriptor & { name: string }]>([
    ['can not be listened to', { name: 'addEventListener', value: fails }],
    ['can not be asked after it was read', { name: 'aborted', get: failsAfter(1) }],
  ])('that %s is refused, and costs nothing', async (_, { name, ...descriptor }) => {
    const processor = await new ProcessorBench().make();
    const signal = Object.defineProperty(new ForeignSignal(), name, descriptor);
    await expect(processor.run('echo', 1, { signal: signal.own })).rejects.toBeInstanceOf(
      InvalidOptionsError,
    );
    expect(processor.running).toBe(0);
    expect(processor.loanEnded()).toBeUndefined();
  });

  it('that can not be left does not hold up its processor', async () => {
    const processor = await new ProcessorBench().make();
    const signal = Object.defineProperty(new ForeignSignal(), 'removeEventListener', { value: fails });
    expect(await processor.run('echo', 1, { signal: signal.own })).toBe(1);
    expect(processor.running).toBe(0);
    expect(processor.loanEnded()).toBeUndefined();
  });
});

/** A getter that tells that nothing was aborted so many times, and then throws. */
function failsAfter(times: number): () => boolean {
  let left = times;
  return () => (left-- > 0 ? false : fails());
}

import { AsyncResource } from 'node:async_hooks';
import type { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { isAsyncIterable } from '../../threads/worker/is-async-iterable.js';

/** What a job is run by; implemented by the worker's coordinator. */
export type JobScopes = Pick<ResourceCoordinator, 'run'>;

/**
 * Runs a job in a lease scope of its own: what it borrows in the worker goes back when it is done. Of an iterable result, that is when its last
 * item was sent, or nobody wants more.
 *
 * @param owner the job's name
 */
export function runInJobScope(scopes: JobScopes, owner: string, work: () => unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const run = async (): Promise<unknown> => {
      const result = await work();
      if (!isAsyncIterable(result)) return result;
      const items = new ScopedItems(result);
      resolve(items);
      return await items.over;
    };
    scopes.run(run, { owner }).then(resolve, reject); // whoever has items knows already how they ended
  });
}

/** The items of an iterable, each made in the scope that it was made in. */
class ScopedItems implements AsyncIterableIterator<unknown> {
  /** Settles when there are no more. */
  readonly over: Promise<void>;
  private end!: () => void;
  private fail!: (error: unknown) => void;
  private readonly iterator: AsyncIterator<unknown>;
  private readonly inScope = AsyncResource.bind((call: () => Promise<IteratorResult<unknown>>) => call());

  constructor(items: AsyncIterable<unknown>) {
    this.over = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
    this.iterator = items[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    return this.inScope(async () => {
      try {
        const result = await this.iterator.next();
        if (result.done) this.end();
        return result;
      } catch (error) {
        this.fail(error);
        throw error;
      }
    });
  }

  return(): Promise<IteratorResult<unknown>> {
    return this.inScope(async () => {
      try {
        await this.iterator.return?.();
        this.end();
      } catch (error) {
        this.fail(error);
        throw error;
      }
      return { done: true, value: undefined };
    });
  }
}

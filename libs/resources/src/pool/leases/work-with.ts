import { checkWork } from '../acquire-options.js';
import type { Lease } from './lease.js';

/** Work with a resource, for which its lease is held. */
export type Work<T, R> = (resource: T, lease: Lease<T>) => R | PromiseLike<R>;

/**
 * Works with a resource, and gives it back whatever comes of it.
 *
 * @param type for the error
 * @param failed hears of what `work` throws, before the lease ends
 * @throws InvalidOptionsError if `work` is not a function, and what `acquire` and `work` throw
 */
export async function workWith<T, R>(
  type: string,
  work: Work<T, R>,
  acquire: () => Promise<Lease<T>>,
  failed: (lease: Lease<T>, error: unknown) => void,
): Promise<R> {
  checkWork(work, type);
  const lease = await acquire();
  try {
    return await work(lease.resource, lease);
  } catch (error) {
    failed(lease, error);
    throw error;
  } finally {
    void lease.release(); // never rejects, and the caller need not wait for a reset
  }
}

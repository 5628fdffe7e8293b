import { InvalidOptionsError } from '../../errors/invalid-options-error.js';

/** What some functions of a worker module need before their first call: made once in the thread, and closed before the thread ends. */
export interface WorkerContext {
  /** @param functions all that the module exports, by name @throws what keeps it from being made, or one of them from being called */
  start(functions: ReadonlyMap<string, object>): Promise<void>;
  close(): Promise<void>;
}

/** A name that all copies of the package share: the worker module may have another one than the host, or the CommonJS form. */
const CONTEXT = Symbol.for('nestjs-resources:worker-context');

/** Says of a worker's function that it needs a context. */
export function giveContext(worker: object, context: WorkerContext): void {
  Object.defineProperty(worker, CONTEXT, { value: context });
}

/**
 * The context that the functions of a worker module need, if one of them needs any.
 *
 * @throws InvalidOptionsError if they need several
 */
export function contextOf(functions: ReadonlyMap<string, object>): WorkerContext | undefined {
  const contexts = new Set<WorkerContext>();
  for (const exported of functions.values()) {
    const context = Object.getOwnPropertyDescriptor(exported, CONTEXT)?.value as WorkerContext | undefined; // only ours know the name
    if (context !== undefined) contexts.add(context);
  }
  const [first] = contexts;
  if (contexts.size > 1)
    throw new InvalidOptionsError(
      'context',
      `must be one per worker, and its functions have ${contexts.size}. Call defineWorker() once, and take all functions from its "inject".`,
    );
  return first;
}

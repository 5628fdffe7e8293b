import { OptionReader } from '../../options/option-reader.js';
import { describeValue } from '../../words/describe-value.js';
import { NestContext } from './nest-context.js';
import type { WorkerDefinition, WorkerOptions } from './worker-options.js';

const OPTIONS = ['context', 'logger'] as const satisfies (keyof WorkerOptions)[];

/**
 * Gives a worker module an application context of Nest. Call it once in what the module loads, and export the functions that its `inject`
 * makes. The context is made in each thread before its first job, and closed, with Nest's hooks, before the thread is taken out of service.
 *
 * @throws InvalidOptionsError for an option that can't work
 */
export function defineWorker(options: WorkerOptions): WorkerDefinition {
  const read = new OptionReader('defineWorker');
  const { context, logger } = read.group('', options, OPTIONS);
  if (context === undefined || !isModule(context))
    return read.fail('context', `must be a module; got ${describeValue(context)}.`);
  const made = new NestContext(context, logger);
  return { inject: (tokens, make) => made.inject(tokens, make) };
}

/** Which of the objects are modules, Nest says. */
function isModule(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}

import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { describeValue } from '../../words/describe-value.js';
import { refuseBare } from './decorator-place.js';

/**
 * @param caller such as `@PooledResource`
 * @param what is wanted: `the name of a resource type`
 * @param example the arguments as they would stand in the source: `'pg'`
 * @throws InvalidOptionsError if `type` is not a name
 */
export function checkTypeName(type: unknown, caller: string, what: string, example: string): void {
  if (typeof type === 'string' && type !== '') return;
  refuseBare(type, caller, example);
  const problem = `needs ${what}, such as ${caller}(${example}); got ${describeValue(type)}.`;
  throw new InvalidOptionsError(`${caller}()`, problem);
}

import { describeValue } from '../words/describe-value.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';

/** @throws InvalidOptionsError if what `create` has returned is nothing, and so no resource */
export function checkIsResource(returned: unknown, type: string): void {
  if (returned !== undefined && returned !== null) return;
  const problem = `must return a resource; it returned ${describeValue(returned)} (is a "return" missing?)`;
  throw new InvalidOptionsError('factory.create', problem, type);
}

import type { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { describeValue } from '../../words/describe-value.js';

/**
 * The type whose transactions a method is in.
 *
 * @param named the type that the decorator names; without it, the only type that has transactions
 * @throws InvalidOptionsError when there is none, or more than one to choose from
 */
export function transactionalType(
  coordinator: ResourceCoordinator,
  named: string | undefined,
  place: string,
): string {
  const { pools } = coordinator;
  const option = `@Transactional() of ${place}`;
  if (named !== undefined) {
    const pool = pools.get(named);
    if (pool?.configuration.factory.transactions !== undefined) return named;
    const problem =
      pool === undefined ? 'is no registered type' : 'has no transactions: its factory has no "transactions"';
    throw new InvalidOptionsError(option, `is on ${describeValue(named)}, which ${problem}.`, named);
  }
  const able = [...pools].flatMap(([type, { configuration }]) =>
    configuration.factory.transactions === undefined ? [] : [type],
  );
  if (able.length === 1) return able[0];
  const known = able.map((type) => describeValue(type)).join(', ');
  const problem =
    able.length === 0
      ? 'needs a type whose factory has "transactions", as pgResource() makes one; there is none.'
      : `needs a type, because several have transactions: ${known}. Write @Transactional({ type: ${describeValue(able[0])} }).`;
  throw new InvalidOptionsError(option, problem);
}

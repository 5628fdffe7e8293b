import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { outcomeOf } from '../../hooks/outcome-of.js';
import { currentScope, loadOf, openScopeOf } from '../../scopes/current-scope.js';
import type { LeaseScope } from '../../scopes/lease-scope.js';
import { type LeaseTerms, readTerms } from '../../scopes/lease-terms.js';
import { refuseLateWork } from '../../transactions/late-work.js';
import type { TransactionOptions } from '../../transactions/transaction-options.js';
import { homesOf, onlyHome } from './homes.js';
import { transactionalType } from './transactional-type.js';

/** A method as `@Transactional` declares it. */
export interface TransactionalCall {
  /** For people: `OrdersService.import`. */
  readonly place: string;
  readonly type: string | undefined;
  readonly options: TransactionOptions;
  readonly terms: LeaseTerms | undefined;
}

/** Runs a method of an instance in a transaction of the application that the instance belongs to. */
export async function runTransactional(
  instance: unknown,
  { place, type: named, options, terms }: TransactionalCall,
  work: () => unknown,
): Promise<unknown> {
  const coordinator = coordinatorOf(instance, place);
  const type = transactionalType(coordinator, named, place);
  const settled = async (): Promise<unknown> => {
    const result = await new Promise((resolved, rejected) => outcomeOf(work(), { resolved, rejected }));
    refuseLateWork(result, `@Transactional() of ${place}`);
    return result;
  };
  const run = (scope: LeaseScope): Promise<unknown> => {
    const asked = terms && (loadOf(coordinator)?.read(type, terms) ?? readTerms(terms, scope));
    return coordinator.transaction(type, settled, { ...options, ...asked });
  };
  const scope = openScopeOf(coordinator);
  return await (scope === undefined ? coordinator.runIn('transaction', place, run) : run(scope));
}

/** An instance that Nest makes per request or per consumer was not adopted: it belongs to the application of the present scope, or to the only one that runs. */
function coordinatorOf(instance: unknown, place: string): ResourceCoordinator {
  const homes = homesOf(instance);
  if (homes.length === 1) return homes[0];
  const host = currentScope.getStore()?.host;
  if (host instanceof ResourceCoordinator && (homes.length === 0 || homes.includes(host))) return host;
  const only = onlyHome();
  if (only !== undefined) return only;
  throw new InvalidOptionsError(
    `@Transactional() of ${place}`,
    'was called outside of any unit of work, on an object that belongs to no application, or to several. Provide its class in a module beside ' +
      'ResourcesModule.forRoot(), once; elsewhere wrap the call: coordinator.run(() => ...).',
  );
}

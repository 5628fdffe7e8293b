import { AsyncLocalStorage } from 'node:async_hooks';
import type { TransactionalAdapter } from '@nestjs-cls/transactional';
import { ResourceCoordinator } from '../coordinator/resource-coordinator.js';
import type { Borrowed, NameFor, Unstated } from '../coordinator/resource-types.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { OptionReader } from '../options/option-reader.js';
import type { Propagation, TransactionOptions } from '../transactions/transaction-options.js';

/** What one transaction of `@nestjs-cls/transactional` may ask for; its propagation it has elsewhere. */
export type ClsTransactionOptions = Omit<TransactionOptions, 'propagation'>;

/** @typeParam T what `TransactionHost.tx` is */
export interface TransactionalAdapterOptions<T> {
  /**
   * What `TransactionHost.tx` is where no transaction is open, asked for each time. Without it, reading it there is refused.
   */
  fallback?: (coordinator: ResourceCoordinator) => T;
  /** What transactions ask for that ask for nothing else. */
  defaults?: ClsTransactionOptions;
}

/**
 * An adapter for the plugin of `@nestjs-cls/transactional`: its `@Transactional()` and its `TransactionHost` then run in the transactions of a resource
 * type, on the session of the scope, together with all else that borrows it there.
 *
 * @throws InvalidOptionsError when an option can't work
 */
export function transactionalAdapter<T = Unstated, K extends NameFor<T> = NameFor<T>>(
  type: K,
  options: TransactionalAdapterOptions<Borrowed<T, K>> = {},
): TransactionalAdapter<ResourceCoordinator, Borrowed<T, K>, ClsTransactionOptions> {
  type Resource = Borrowed<T, K>;
  const read = new OptionReader('');
  const { fallback, defaults } = read.group('', options, ['fallback', 'defaults']);
  read.callback('fallback', fallback);
  /** True in the transactions that this adapter has begun. */
  const inside = new AsyncLocalStorage<true>();
  return {
    connectionToken: ResourceCoordinator,
    defaultTxOptions: defaults ?? {},
    optionsFactory(coordinator) {
      const run = (
        propagation: Propagation,
        asked: ClsTransactionOptions,
        work: () => Promise<unknown>,
        setTx: (resource?: Resource) => void,
      ): Promise<unknown> => {
        const withTx = (resource: unknown): Promise<unknown> => {
          setTx(resource as Resource); // of the type's name
          return inside.run(true, work);
        };
        return coordinator.transaction<unknown, unknown, string>(type, withTx, { ...asked, propagation });
      };
      return {
        // The plugin asks for a transaction inside of another one only if it must be a new one.
        wrapWithTransaction: (asked, work, setTx) =>
          run(inside.getStore() === true ? 'REQUIRES_NEW' : 'REQUIRED', asked, work, setTx),
        wrapWithNestedTransaction: (asked, work, setTx) => run('NESTED', asked, work, setTx),
        getFallbackInstance() {
          if (fallback !== undefined) return fallback(coordinator);
          throw new InvalidOptionsError(
            'fallback',
            'is needed: "tx" was read where no transaction is open. Say what it is there, or begin one.',
            type,
          );
        },
      };
    },
  };
}

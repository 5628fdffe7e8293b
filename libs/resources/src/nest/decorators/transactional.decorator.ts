import 'reflect-metadata';
import type { ResourceTypeName } from '../../coordinator/resource-types.js';
import { OptionReader } from '../../options/option-reader.js';
import type { LeaseTerms } from '../../scopes/lease-terms.js';
import {
  readTransactionOptions,
  TRANSACTION_OPTIONS,
  type TransactionOptions,
} from '../../transactions/transaction-options.js';
import { describeValue } from '../../words/describe-value.js';
import { copyIdentity } from '../copy-identity.js';
import { runTransactional } from '../transactions/transactional-call.js';
import type { CachedMethodDecorator, Method } from './cached-method.js';
import { checkMethod, describePlace, refuseBare, standsTwice } from './decorator-place.js';

/** Options of {@link Transactional}, besides the type. */
export interface TransactionalOptions
  extends
    Pick<TransactionOptions, 'propagation' | 'isolation' | 'readOnly' | 'retry' | 'timeout'>,
    LeaseTerms {
  /** Of the resource whose session it is on. Default: the one type that has transactions. */
  type?: ResourceTypeName;
}

/** What the decorator records on a class about one method. */
export interface TransactionalMethod {
  readonly name: string | symbol;
  /** For people: `OrdersService.import`. */
  readonly place: string;
  readonly type: string | undefined;
}

const METHODS = 'resources:transactional-methods';
const TERMS = ['key', 'tenant', 'priority'] as const satisfies (keyof LeaseTerms)[];

/** For each method that the decorator has made, the one that it replaces. */
const originals = new WeakMap<object, Method>();

/**
 * Runs a method in a transaction, as `coordinator.transaction()` does: on the session that the unit of work has of the type, so that all that
 * borrows it there is in the transaction. Committed when the method's promise is fulfilled, rolled back when it is rejected.
 *
 * @throws InvalidOptionsError for an option that cannot work, and where it stands on anything but a method of instances
 */
export function Transactional(options: TransactionalOptions = {}): CachedMethodDecorator {
  refuseBare(options, '@Transactional', '');
  const read = new OptionReader('@Transactional()');
  const { type, ...rest } = read.group('', options, ['type', ...TRANSACTION_OPTIONS, ...TERMS]);
  if (type !== undefined && (typeof type !== 'string' || type === ''))
    read.fail('type', `must be the name of a resource type; got ${describeValue(type)}.`);
  const { key, tenant, priority, ...asked } = rest;
  const terms = { key, tenant, priority };
  for (const name of TERMS) read.callback(name, terms[name]);
  readTransactionOptions(asked, type ?? '', '@Transactional()');
  const hasTerms = TERMS.some((name) => terms[name] !== undefined);
  return (target, name, descriptor) => {
    const declared = { target, member: name, index: descriptor };
    checkMethod(
      { name: '@Transactional()', belongs: 'a method of a provider or a controller, and not a static one' },
      declared,
    );
    const place = describePlace(declared).replace(/ \(method\)$/, '');
    const owner = target.constructor;
    const known = ownMethods(owner);
    if (known.some((other) => other.name === name)) throw standsTwice('@Transactional()', place);
    const method = descriptor.value as unknown as Method; // it was checked
    const call = { place, type, options: asked, terms: hasTerms ? terms : undefined };
    const wrapped: Method = async function (...args) {
      return await runTransactional(this, call, () => method.apply(this, args));
    };
    copyIdentity(method, wrapped);
    originals.set(wrapped, method);
    descriptor.value = wrapped as unknown as typeof descriptor.value; // it takes the same, and promises the same
    Reflect.defineMetadata(METHODS, [...known, { name, place, type }], owner);
  };
}

/** The method that the decorator has replaced by this one; any other value as it is. */
export function originalOf(method: unknown): unknown {
  return typeof method === 'function' ? (originals.get(method) ?? method) : method;
}

/** The transactional methods of a class and its ancestors. */
export function transactionalMethodsOf(owner: object | null): TransactionalMethod[] {
  if (owner === null || owner === Function.prototype) return [];
  return [...ownMethods(owner), ...transactionalMethodsOf(Object.getPrototypeOf(owner) as object | null)];
}

function ownMethods(owner: object): TransactionalMethod[] {
  return (Reflect.getOwnMetadata(METHODS, owner) ?? []) as TransactionalMethod[]; // only the decorator writes it
}

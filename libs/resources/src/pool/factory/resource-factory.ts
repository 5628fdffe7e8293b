import type { DestroyContext } from '../../hooks/destroyer.js';
import { FACTORY_ROOM, roomOfFactory } from '../../hooks/factory-stats.js';
import { LOAN_HOOKS, loanHooksOf } from '../../hooks/loan-hooks.js';
import { checkFactoryMethods } from '../../options/factory-methods.js';

/** What `create` is told. @typeParam Secret what `credentials.secret` brings */
export interface CreateContext<Secret = unknown> {
  /** Aborted when nobody will take the resource any more: the creation's time is up, or the pool closed. */
  readonly signal: AbortSignal;
  /**
   * Tells the pool that this resource has died: a connection that the other side closed, a browser
   * that crashed. If idle, it is replaced at once; if on loan, when the loan ends. May be called at any
   * time and any number of times.
   */
  readonly retire: (cause?: unknown) => void;
  /** The key that it is for, in a keyed pool; empty in any other. */
  readonly key: string;
  /** The credentials as `credentials.secret` has just read them; `undefined` without it. */
  readonly secret: Secret;
}

/** Makes the resources of one type, and destroys them. Only `create` is needed. */
export interface ResourceFactory<T> {
  /**
   * Makes one: a new object each time, or a primitive value. `undefined` and `null` are not resources. An error with
   * `retryable: false` is not tried again; one that is an answer, such as Nest's `NotFoundException`, reaches the caller as it is.
   */
  create(context: CreateContext): T | PromiseLike<T>;
  /** Closes it for good, within `retirement.timeout`. Its errors are reported to the pool's listeners and stop nothing. */
  destroy?(resource: T, context: DestroyContext): unknown;
  /** Whether it still works. `true` means yes; anything else, a throw included, retires it. */
  validate?(resource: T): boolean | PromiseLike<boolean>;
  /** Brings it back to a clean state after a loan. A throw retires it. */
  reset?(resource: T): unknown;
}

/**
 * @param option where the factory came from, for the error: `resources.pg`
 * @throws InvalidOptionsError when it cannot work
 */
export function checkIsFactory(factory: unknown, option: string, type: string): void {
  checkFactoryMethods(factory, option, type, ['destroy', 'validate', 'reset']);
}

/**
 * A factory as the pool calls it: which methods it has is decided once and for all, and each is looked up where anything that
 * the look-up throws is taken for the method's failure.
 *
 * @param factory has been checked
 */
export function handleOf<T>(factory: ResourceFactory<T>): ResourceFactory<T> {
  const handle: ResourceFactory<T> & { [FACTORY_ROOM]: () => number | undefined; [LOAN_HOOKS]: unknown } = {
    create: (context) => factory.create(context),
    destroy: factory.destroy && ((resource, context) => factory.destroy?.(resource, context)),
    validate: factory.validate && ((resource) => factory.validate?.(resource) ?? false),
    reset: factory.reset && ((resource) => factory.reset?.(resource)),
    [FACTORY_ROOM]: () => roomOfFactory(factory),
    [LOAN_HOOKS]: loanHooksOf(factory),
  };
  return handle;
}

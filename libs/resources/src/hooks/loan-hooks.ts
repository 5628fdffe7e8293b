/** The member under which a factory of the library has its {@link LoanHooks}. */
export const LOAN_HOOKS = Symbol('what hears of loans');

/** The unit of work for which something is borrowed. */
export interface UnitOfWork {
  /** `http`, `run`, `use` and the like. */
  readonly kind: string;
  /** Over HTTP, the framework's request. */
  readonly request: unknown;
}

/** One loan, as it begins. */
export interface Loan {
  readonly owner: string;
  readonly tenant: string;
  /** Undefined outside of units of work. */
  readonly unit: UnitOfWork | undefined;
}

/**
 * Is told when a loan begins and when it has ended, whatever has ended it: at that moment, before anybody else, and in whatever asynchronous context
 * that is. Neither method may throw. It is a class so that its instances can be told from a mock, which has a function under any name.
 */
export abstract class LoanHooks<T> {
  abstract began(resource: T, loan: Loan): void;
  abstract ended(resource: T): void;
}

/** The loan hooks of a factory; `undefined` if it has none. */
export function loanHooksOf<T>(factory: object): LoanHooks<T> | undefined {
  try {
    const hooks: unknown = Reflect.get(factory, LOAN_HOOKS);
    return hooks instanceof LoanHooks ? (hooks as LoanHooks<T>) : undefined; // of what its own factory makes
  } catch {
    return undefined; // a proxy that tells nothing
  }
}

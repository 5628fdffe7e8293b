import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { describeValue } from '../../words/describe-value.js';

/** How much a transaction may see of others, in the words of SQL. */
export type Isolation = 'READ UNCOMMITTED' | 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';

/** What a transaction asks for. */
export interface TransactionTerms {
  /** Default: the server's. */
  readonly isolation?: Isolation | undefined;
  /** Whether it may only read. Default: the server's, which is false unless it was configured otherwise. */
  readonly readOnly?: boolean | undefined;
}

/**
 * What an error says of a transaction: `retry`, that nothing of it was kept, and another try may succeed; `unknown`, that nobody can tell whether it was
 * committed.
 */
export type TransactionEffect = 'retry' | 'unknown';

/**
 * How transactions are driven on the resources of one type. Each function is called with a resource that is on loan, one after the other, and
 * may answer at once or later.
 */
export interface TransactionControl<T> {
  /** When it throws, {@link rollback} is called; not after a TransactionRefusedError, which says that nothing was sent. */
  begin(resource: T, terms: TransactionTerms): unknown;
  /** Must throw or reject when nothing was kept, even if the server reports that as a success. {@link effectOf} says what its error means. */
  commit(resource: T): unknown;
  /** Must also end a transaction in which a statement has failed. */
  rollback(resource: T): unknown;
  /** Begins a part that can be undone by itself. Without it, `NESTED` is refused inside a transaction. */
  savepoint?(resource: T, name: string): unknown;
  /** Undoes all since the savepoint, and forgets it. Needed with {@link savepoint}. */
  rollbackTo?(resource: T, name: string): unknown;
  /** Keeps all since the savepoint as a part of what is around it. Needed with {@link savepoint}. */
  release?(resource: T, name: string): unknown;
  /**
   * Classifies an error of work in a transaction, or of {@link commit}. Without this function, nothing is tried again, and the outcome of a commit that
   * rejects is unknown.
   *
   * @returns undefined for all other errors. Of a commit, it means that nothing was kept
   */
  effectOf?(error: unknown): TransactionEffect | undefined;
}

const NEEDED = ['begin', 'commit', 'rollback'] as const;
const SAVEPOINTS = ['savepoint', 'rollbackTo', 'release'] as const;

/**
 * @param option where it stands, for the error: `resources.pg.transactions`
 * @throws InvalidOptionsError when it cannot work
 */
export function checkIsControl(control: unknown, option: string, type: string): void {
  if (control === undefined) return;
  const fail = (at: string, problem: string): never => {
    throw new InvalidOptionsError(at, problem, type);
  };
  if (typeof control !== 'object' || control === null)
    return fail(
      option,
      `must be an object with "begin", "commit" and "rollback"; got ${describeValue(control)}.`,
    );
  const methods = control as Record<string, unknown>; // whatever it is, its members can be asked for
  const hasSavepoints = SAVEPOINTS.some((name) => methods[name] !== undefined);
  for (const name of [...NEEDED, ...(hasSavepoints ? SAVEPOINTS : [])])
    if (typeof methods[name] !== 'function')
      fail(`${option}.${name}`, `must be a function; got ${describeValue(methods[name])}.`);
  const { effectOf } = methods;
  if (effectOf !== undefined && typeof effectOf !== 'function')
    fail(`${option}.effectOf`, `must be a function when given; got ${describeValue(effectOf)}.`);
}

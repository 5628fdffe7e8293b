import type { Transact } from './transaction-tree.fixture.js';

/** How a transactional method relates to the transaction around it, if there is one. */
export type How = 'begun' | 'nested' | 'joined' | 'without';

/** What a caller is told of a transactional method's end. */
export type State = 'running' | 'succeeded' | 'failed' | 'unknown';

/** What becomes of what was done in a unit. */
export type Fate = 'kept' | 'gone' | 'either';

/** One attempt of a transactional method, in the model's account. */
export class Unit {
  state: State = 'running';
  /** What its own work has thrown. */
  thrown: { readonly error: unknown } | undefined;
  /** Why it may fail although its work has not thrown. */
  readonly excuses: string[] = [];
  /** Calls of its hooks: counts. */
  readonly hooks = { afterCommit: 0, afterRollback: 0 };
  /** Which transaction the server has it in. */
  xid: string | undefined;
  /** The client's port of its session. */
  port: number | undefined;

  constructor(
    readonly how: How,
    /** The unit in whose work it was called. */
    readonly around: Unit | undefined,
    readonly asked: Transact,
    readonly attempt: number,
    /** Whether nobody waits for it: what it was called in may end before, and then it may be refused, or be on its own. */
    readonly loose: boolean,
    /** In whose scope it is. */
    readonly request: number,
  ) {}

  /** The unit that can be committed or rolled back by itself, and that this one is in. */
  get own(): Unit {
    return this.how === 'joined' && this.around !== undefined ? this.around.own : this;
  }

  /** The transaction of the session that this one is in; undefined without one. */
  get root(): Unit | undefined {
    const { own } = this;
    if (own.how === 'without') return undefined;
    return own.how === 'nested' ? own.around?.root : own;
  }

  get fate(): Fate {
    const { own } = this;
    if (own.state === 'failed' || own.state === 'running') return 'gone';
    if (own.state === 'unknown') return 'either';
    return own.how === 'nested' ? (own.around?.fate ?? 'gone') : 'kept';
  }

  /** What can be said in a report. */
  toString(): string {
    const { propagation, isolation, readOnly } = this.asked;
    const terms = [isolation, readOnly && 'read only'].filter((term) => term !== undefined).join(', ');
    const inner = this.around === undefined ? '' : ` in ${this.around.toString()}`;
    return `${propagation}${terms && `(${terms})`}#${this.attempt} ${this.how} ${this.state}${inner}`;
  }
}

/** How a method with these terms begins where it is called; undefined when it must be refused. */
export function howOf(asked: Transact, around: Unit | undefined): How | undefined {
  const root = around?.root;
  if (root === undefined) return OUTSIDE[asked.propagation];
  const how = INSIDE[asked.propagation];
  const other =
    (asked.isolation !== undefined && asked.isolation !== root.asked.isolation) ||
    (asked.readOnly === true && root.asked.readOnly !== true);
  return (how === 'joined' || how === 'nested') && other ? undefined : how;
}

type Table = Record<Transact['propagation'], How | undefined>;

const OUTSIDE: Table = {
  REQUIRED: 'begun',
  NESTED: 'begun',
  REQUIRES_NEW: 'begun',
  SUPPORTS: 'without',
  NOT_SUPPORTED: 'without',
  MANDATORY: undefined,
  NEVER: 'without',
};

const INSIDE: Table = {
  REQUIRED: 'joined',
  NESTED: 'nested',
  REQUIRES_NEW: 'begun',
  SUPPORTS: 'joined',
  NOT_SUPPORTED: 'without',
  MANDATORY: 'joined',
  NEVER: undefined,
};

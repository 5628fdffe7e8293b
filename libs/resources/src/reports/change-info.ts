/** A value of an option that is known to be harmless, or `'***'` for any other; `'{}'` for a group of options without a member. */
export type OptionValue = number | boolean | string;

/** An option that a change of a configuration has changed. A value that is not given is the default. */
export interface OptionChange {
  /** Its name, with its groups': `validation.keepAlive`; `factory` for the factory. */
  option: string;
  before?: OptionValue;
  after?: OptionValue;
}

/** How a change of a configuration came about: by whom a configuration was asked for, or by which call. */
export type ChangeKind = 'registered' | 'reconfigured' | 'rollback' | 'restore' | 'direct';

/** How a change has ended. */
export type ChangeOutcome = 'applied' | 'rolledBack' | 'failed';

/** One change of a type's configuration, as the history tells of it. Of values, only what is known to be harmless. */
export interface ChangeInfo {
  type: string;
  /** The number of the configuration, from 1: that with which the type was registered. */
  version: number;
  /**
   * `registered` for the first; `reconfigured`, `rollback` or `restore` by the call of that name; `direct` for what was changed at the pool
   * itself, which is seen when somebody looks.
   */
  kind: ChangeKind;
  /** The version to which a rollback went back. */
  restores?: number;
  /** When it began. */
  at: Date;
  /** Who has asked for it, as that one claims. */
  by?: string;
  /** What it changed. */
  what: readonly OptionChange[];
  /** `pending` until it has ended. */
  outcome: ChangeOutcome | 'pending';
  /** Why it was not applied: the names and codes of errors, and nothing of their messages, which may hold secrets. */
  cause?: string;
  /** Milliseconds from its beginning to its end, once it has ended. */
  duration?: number;
}

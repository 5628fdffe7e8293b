import { escapeIdentifier, escapeLiteral } from 'pg';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { describeValue } from '../../words/describe-value.js';

/** What `session.begin` sets for the transaction that begins. */
export interface LocalSettings {
  /**
   * Sets a setting until the end of the transaction, as `SET LOCAL` and `set_config(name, value, true)` do.
   *
   * @param name such as `app.tenant`, or one of the server's own, such as `role`
   * @throws InvalidOptionsError for a name that is none, a value that is no text, and after `begin` is over
   */
  set(name: string, value: string): void;
}

const NAME = /^[a-z_][\w$]*(?:\.[a-z_][\w$]*)*$/i;

/** What the server would cut a text at, or can't be encoded: two different values could become the same. */
const UNREADABLE = /[\0\p{Surrogate}]/u;

/** Collects what one call of `session.begin` sets. Of several values of a setting, the last one holds. */
export class CollectedSettings implements LocalSettings {
  private readonly statements: string[] = [];
  private isOver = false;

  set(name: string, value: string): void {
    if (this.isOver) throw new InvalidOptionsError('set', 'must be called before begin is over.');
    if (typeof name !== 'string' || !NAME.test(name))
      throw new InvalidOptionsError('name', `must be the name of a setting; got ${describeValue(name)}.`);
    // The server does not undo it at the end of the transaction.
    if (name.toLowerCase() === 'seed')
      throw new InvalidOptionsError('name', 'must not be "seed", which outlives the transaction.');
    if (typeof value !== 'string' || UNREADABLE.test(value))
      throw new InvalidOptionsError('value', `must be a text; got ${describeValue(value)}.`);
    const quoted = name.split('.').map((part) => escapeIdentifier(part));
    // No query that calls set_config(), because SET TRANSACTION must come before any query.
    this.statements.push(`SET LOCAL ${quoted.join('.')} TO ${escapeLiteral(value)}`);
  }

  /** Refuses all that is set from now on. @returns the statements that set what was collected; undefined if that is nothing */
  end(): string | undefined {
    this.isOver = true;
    return this.statements.length > 0 ? this.statements.join('; ') : undefined;
  }
}

import { escapeIdentifier, escapeLiteral } from 'pg';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { describeValue } from '../../words/describe-value.js';

/** What `begin` sets for the transaction that begins. */
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

/** What ends a text before its end, or is no text: two such values could read as one. */
const UNREADABLE = /[\0\p{Surrogate}]/u;

/** Collects what one `begin` sets. What it was told last wins. */
export class CollectedSettings implements LocalSettings {
  private readonly statements: string[] = [];
  private isOver = false;

  set(name: string, value: string): void {
    if (this.isOver) throw new InvalidOptionsError('set', 'must be called before begin is over.');
    if (typeof name !== 'string' || !NAME.test(name))
      throw new InvalidOptionsError('name', `must be the name of a setting; got ${describeValue(name)}.`);
    // The server does not take it back at the end of a transaction.
    if (name.toLowerCase() === 'seed')
      throw new InvalidOptionsError('name', 'must not be "seed", which outlives the transaction.');
    if (typeof value !== 'string' || UNREADABLE.test(value))
      throw new InvalidOptionsError('value', `must be a text; got ${describeValue(value)}.`);
    const quoted = name.split('.').map((part) => escapeIdentifier(part));
    // Unlike a query that calls set_config, it lets SET TRANSACTION come after it.
    this.statements.push(`SET LOCAL ${quoted.join('.')} TO ${escapeLiteral(value)}`);
  }

  /** @returns what sends them, or nothing if nothing was set; from now on, nothing can be */
  end(): string | undefined {
    this.isOver = true;
    return this.statements.length > 0 ? this.statements.join('; ') : undefined;
  }
}

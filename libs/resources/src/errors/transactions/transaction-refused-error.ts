import { describeName } from '../../words/describe-name.js';
import { ResourceError } from '../resource-error.js';

/**
 * Why work was not begun: it needs a transaction, and there is none (`mandatory`); it must not have one, and there is one (`never`); it asks for another
 * isolation (`isolation`) or access (`access`) than the transaction around it has; its type's factory has no transactions (`control`), or no savepoints
 * (`savepoints`); it comes after the end of its own transaction, while one around that goes on (`ended`); a transaction was begun on its session by a
 * statement (`foreign`).
 */
export type TransactionRefusal =
  'mandatory' | 'never' | 'isolation' | 'access' | 'control' | 'savepoints' | 'ended' | 'foreign';

const PROBLEMS: Readonly<Record<TransactionRefusal, string>> = {
  mandatory:
    'Its propagation is MANDATORY, and no transaction is open around it. Begin one where it is called.',
  never: 'Its propagation is NEVER, and it was called in a transaction.',
  isolation:
    'It asks for an isolation, and the transaction around it was begun with another or with none. Ask for it where that begins, or use REQUIRES_NEW.',
  access:
    'It asks to read only, or to write, and the transaction around it was begun otherwise. Ask for it where that begins, or use REQUIRES_NEW.',
  control: 'The factory of the type has no "transactions": see TransactionControl.',
  savepoints:
    'The "transactions" of the type have no savepoints, and NESTED inside of a transaction needs one.',
  foreign:
    'On its session a transaction is open that was begun by a statement, and would end with it. Begin that one by transaction(), too, or use a session for each.',
  ended:
    'What it was begun in has ended, while a transaction around that goes on. Await all that is begun in a transaction before its work returns.',
};

/** Work was to run in a transaction, or outside of any, and can't as it was asked. It was not begun. */
export class TransactionRefusedError extends ResourceError {
  constructor(
    type: string | undefined,
    readonly reason: TransactionRefusal,
    owner?: string,
  ) {
    const whose = owner === undefined ? '' : ` of ${describeName(owner)}`;
    const where = type === undefined ? '' : ` on "${describeName(type)}"`;
    super(`Work${whose}${where} was refused. ${PROBLEMS[reason]}`, {
      ...(type !== undefined && { type }),
      ...(owner !== undefined && { owner }),
    });
  }
}

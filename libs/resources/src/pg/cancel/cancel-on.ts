import type { Client } from 'pg';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { checkSignal, isAborted, reasonOf } from '../../hooks/abort-signals.js';
import { isA } from '../../words/is-a.js';
import { LentClient } from '../pool/lent-client.js';
import { PgSession, type SessionCancels } from '../session/pg-session.js';

/**
 * Cancels on the server what a session runs at the moment when a signal is aborted, such as one of a deadline. It holds until the end of the loan.
 *
 * @param client on loan: a session, or what a `pgPool` has lent
 * @throws the signal's reason if it is aborted already; InvalidOptionsError if one of the two is not what it must be, or its type has `cancel: false`;
 * LeaseReleasedError when the loan is over
 */
export function cancelOn(signal: AbortSignal, client: Client): void {
  checkSignal(signal);
  if (signal === undefined) throw new InvalidOptionsError('signal', 'must be an AbortSignal; got undefined.');
  const cancels = cancelsOf(client);
  if (isAborted(signal)) throw reasonOf(signal);
  cancels.follow(signal);
}

function cancelsOf(client: unknown): SessionCancels {
  const session: unknown = isA(client, LentClient) ? client.session : client;
  const cancels = isA(session, PgSession) ? session.cancels : undefined;
  if (cancels !== undefined) return cancels;
  throw new InvalidOptionsError(
    'client',
    'must be a session of a pgResource() that does not say cancel: false.',
  );
}

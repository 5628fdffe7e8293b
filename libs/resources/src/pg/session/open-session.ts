import { addAbortSignal } from 'node:stream';
import type { ClientConfig } from 'pg';
import type { CreateContext } from '../../pool/factory/resource-factory.js';
import { PgSession, type SessionParts } from './pg-session.js';

/**
 * Opens a session. When the signal is aborted, its socket is closed, whatever it is doing. When it dies later, idle or on loan, it is retired at
 * that moment.
 *
 * @throws what connecting throws; the signal's reason
 */
export async function openSession(
  config: ClientConfig,
  { signal, retire }: Pick<CreateContext, 'signal' | 'retire'>,
  parts: SessionParts,
): Promise<PgSession> {
  signal.throwIfAborted();
  const session = new PgSession(config, parts);
  // Until the session is open, its end is thrown and not a reason to retire it: the caller may try again with other credentials.
  let dead: { readonly cause: unknown } | undefined;
  let died = (cause: unknown): void => {
    dead ??= { cause };
  };
  session.on('error', (error) => died(error));
  session.on('end', () => died(new Error('the session has ended')));
  addAbortSignal(signal, session.connection.stream);
  await session.connect();
  await session.judging?.database?.look(session);
  if (dead !== undefined) throw dead.cause;
  died = retire;
  session.open();
  return session;
}

/**
 * Ends a session, and waits until the server has closed the connection, too: only then is its place free for another one. `client.end()` does not
 * wait for that while a query is running or after the session has failed.
 *
 * @param signal aborted when there is no more time
 */
export async function endSession(session: PgSession, signal: AbortSignal): Promise<void> {
  const { stream } = session.connection;
  addAbortSignal(signal, stream);
  session.cancels?.sessionEnds();
  if (stream.closed) return;
  const closed = new Promise((resolve) => stream.once('close', resolve));
  session.connection.end();
  await closed;
}

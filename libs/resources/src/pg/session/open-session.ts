import { addAbortSignal } from 'node:stream';
import type { ClientConfig } from 'pg';
import type { CreateContext } from '../../pool/factory/resource-factory.js';
import { PgSession, type SessionParts } from './pg-session.js';

/**
 * Opens a session. One that nobody waits for any more is hung up on, wherever it is; one that dies, idle or lent, is retired at that moment.
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
  // Until it is open, whoever opens it hears of it by what is thrown, and may try again with other credentials.
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
 * Ends a session, and waits until the server has hung up, too: only then is its place free for another one. `client.end()` does not wait when a
 * query is running or the session has failed.
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

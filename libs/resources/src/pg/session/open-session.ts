import { addAbortSignal } from 'node:stream';
import type { Client, ClientConfig } from 'pg';
import type { CreateContext } from '../../pool/factory/resource-factory.js';
import { type Judging, PgSession } from './pg-session.js';

/**
 * Opens a session. One that nobody waits for any more is hung up on, wherever it is; one that dies, idle or lent, is retired at that moment.
 *
 * @throws what connecting throws; the signal's reason
 */
export async function openSession(
  config: string | ClientConfig,
  { signal, retire }: Pick<CreateContext, 'signal' | 'retire'>,
  judgingOf: (client: Client) => Judging | undefined,
): Promise<PgSession> {
  signal.throwIfAborted();
  const session = new PgSession(config, judgingOf);
  session.on('error', (error) => retire(error));
  session.on('end', () => retire(new Error('the session has ended')));
  addAbortSignal(signal, session.connection.stream);
  await session.connect();
  await session.judging?.database?.look(session);
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
  if (stream.closed) return;
  const closed = new Promise((resolve) => stream.once('close', resolve));
  session.connection.end();
  await closed;
}

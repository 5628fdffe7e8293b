import pg, { type ClientConfig } from 'pg';
import type { CreateContext } from '../../pool/factory/resource-factory.js';
import type { NativeSession } from './native-session.js';
import { NativeWatch } from './native-watch.js';

/** Whether pg finds libpq's client, which is a package of its own. */
export function hasNative(): boolean {
  return pg.native !== null;
}

/**
 * Opens a session by libpq. Nobody can hang up on it while it connects: who gives up does so at once, and it ends when it is there.
 *
 * @throws what connecting throws; the signal's reason
 */
export async function openNative(
  config: ClientConfig,
  { signal, retire }: Pick<CreateContext, 'signal' | 'retire'>,
): Promise<NativeSession> {
  signal.throwIfAborted();
  const { Client } = pg.native ?? pg; // the options were read with it
  const client = new Client(config);
  const session = Object.assign(client, {
    isShared: false,
    isReadOnly: false,
    endingsBefore: 0,
  }) as unknown as NativeSession; // with the watch, which needs it
  Object.assign(session, { watch: new NativeWatch(session) });
  session.on('error', retire);
  session.on('end', () => retire(new Error('the session has ended')));
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort);
    session.connect((error?: Error | null) => {
      signal.removeEventListener('abort', abort);
      if (error) reject(error);
      else if (signal.aborted) void session.end();
      else resolve();
    });
  });
  session.watch.own();
  return session;
}

/** Ends a session; the server may still be about to hear of it. */
export async function endNative(session: NativeSession): Promise<void> {
  await session.end();
}

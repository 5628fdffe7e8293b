import { addAbortSignal, type Duplex } from 'node:stream';
import type { CancelTarget } from './cancel-target.js';

/**
 * How a request to cancel has ended: `closed`, the server has passed it on and closed the connection; `unsent`, it never left; `unknown`, it may still
 * arrive.
 */
export type CancelEnd = 'closed' | 'unsent' | 'unknown';

/**
 * Asks the server, on a connection of its own, to cancel what a session runs.
 *
 * @param isWanted called right before the request would be sent; false to send none
 * @param signal aborted when there is no more time
 * @returns when that connection has ended; never rejects
 */
export function requestCancel(
  target: CancelTarget,
  isWanted: () => boolean,
  signal: AbortSignal,
): Promise<CancelEnd> {
  return new Promise((resolve) => {
    let isSent = false;
    let isClosed = false;
    const connection = target.connect();
    const { stream } = connection;
    addAbortSignal(signal, stream);
    const send = (secured: Duplex): void => {
      if (!isWanted()) return void stream.destroy();
      secured.once('end', () => (isClosed = true));
      isSent = true;
      connection.cancel(target.processID, target.secretKey);
    };
    connection.on('error', () => stream.destroy());
    connection.once('end', () => resolve(isSent ? (isClosed ? 'closed' : 'unknown') : 'unsent'));
    connection.once('connect', () => {
      if (target.secure === false) send(stream);
      else if (target.secure === 'asked') connection.requestSsl();
    });
    connection.once('sslconnect', () => {
      const secured = connection.stream;
      secured.once('secureConnect', () => send(secured));
    });
  });
}

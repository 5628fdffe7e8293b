import type { Connection } from 'pg';
import { UncleanSessionError } from '../../errors/unclean-session-error.js';

/**
 * Ends a session when somebody who listens to its answers throws: pg has not finished reading them then, and would read them once more, as
 * answers of whatever comes next.
 */
export function endOnThrow(connection: Connection): void {
  const tell = connection.emit.bind(connection);
  const emit = (...event: Parameters<Connection['emit']>): boolean => {
    try {
      return tell(...event);
    } catch (error) {
      connection.stream.destroy(new UncleanSessionError('thrown'));
      throw error;
    }
  };
  Object.defineProperty(connection, 'emit', { value: emit, configurable: true, writable: true });
}

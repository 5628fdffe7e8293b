import type { Connection } from 'pg';

/** The methods of a connection that are watched. */
type Sending = 'query' | 'parse' | 'bind' | 'execute' | 'sync';

/** Calls `note` each time before the connection sends by this method. */
export function before<M extends Sending>(
  connection: Connection,
  method: M,
  note: (...args: Parameters<Connection[M]>) => void,
): void {
  const send = connection[method] as (...args: Parameters<Connection[M]>) => void;
  const noting = (...args: Parameters<Connection[M]>): void => {
    note(...args);
    Reflect.apply(send, connection, args);
  };
  Object.defineProperty(connection, method, { value: noting, configurable: true, writable: true });
}

import type { Connection } from 'pg';

/** What sends something that matters. */
type Sending = 'query' | 'parse' | 'bind' | 'execute' | 'sync';

/** Has something done each time before one connection sends that. */
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

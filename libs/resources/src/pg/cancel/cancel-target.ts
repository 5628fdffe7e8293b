import { isIP } from 'node:net';
import { type Client, type ClientConfig, Connection, type ConnectionConfig } from 'pg';

/** How pg opens a connection and asks for a cancel: its own methods, which its types leave out. */
export interface CancelConnection extends Connection {
  connect(port: number, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
}

/** What a client knows of its connection, and of itself on the server; its types leave that out, or say less. */
interface OpenClient {
  readonly host: string;
  readonly port: number;
  readonly ssl: ConnectionConfig['ssl'];
  readonly sslNegotiation?: unknown;
  readonly processID: unknown;
  readonly secretKey: unknown;
  readonly connection: { readonly stream: { readonly remoteAddress?: string; readonly remotePort?: number } };
}

/** A session as its server knows it, and how to get there once more. */
export interface CancelTarget {
  /** How its connection becomes secure: when the server has agreed to it, or without asking; false for not at all. */
  readonly secure: false | 'asked' | 'direct';
  readonly processID: number;
  readonly secretKey: number;
  /** Opens another connection to the same server. */
  connect(): CancelConnection;
}

/**
 * The way is that of the session itself: a name may by now lead to another server, so it is the address that its socket is connected to. Where the
 * user makes the socket, it is made once more.
 *
 * @param stream what the connection's options say of its socket
 * @returns nothing when the server has not told what it takes, or there is no second way to it
 */
export function cancelTargetOf(client: Client, stream: ClientConfig['stream']): CancelTarget | undefined {
  const { host, port, ssl, sslNegotiation, processID, secretKey, connection } =
    client as unknown as OpenClient; // see there
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return undefined;
  if (stream !== undefined && typeof stream !== 'function') return undefined;
  const { remoteAddress = host, remotePort = port } = stream === undefined ? connection.stream : {};
  const config = { stream, ssl: ssl && namedAs(host, ssl), sslNegotiation };
  return {
    secure: !ssl ? false : sslNegotiation === 'direct' ? 'direct' : 'asked',
    processID,
    secretKey,
    connect() {
      const other = new Connection(config) as CancelConnection; // see there
      if (host.startsWith('/'))
        other.connect(`${host}/.s.PGSQL.${port}` as unknown as number); // as the client itself does
      else other.connect(remotePort, remoteAddress);
      return other;
    },
  };
}

/** The server's certificate has the name, whatever the address. Without one, it is that of the address, which pg sees to. */
function namedAs(
  host: string,
  ssl: NonNullable<Exclude<ConnectionConfig['ssl'], false>>,
): NonNullable<ConnectionConfig['ssl']> {
  const given = ssl === true ? {} : { ...ssl, ...('key' in ssl && { key: ssl.key }) }; // pg hides it from who copies
  return isIP(host) === 0 ? { ...given, host, servername: host } : given;
}

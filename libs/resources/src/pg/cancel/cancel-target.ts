import { isIP } from 'node:net';
import { type Client, type ClientConfig, Connection, type ConnectionConfig } from 'pg';

/** pg's connection with the methods by which it connects and cancels, which its types don't declare. */
export interface CancelConnection extends Connection {
  connect(port: number, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
}

/** What pg's client knows of its connection and its process on the server, which its types declare only in part. */
interface OpenClient {
  readonly host: string;
  readonly port: number;
  readonly ssl: ConnectionConfig['ssl'];
  readonly sslNegotiation?: unknown;
  readonly processID: unknown;
  readonly secretKey: unknown;
  readonly connection: { readonly stream: { readonly remoteAddress?: string; readonly remotePort?: number } };
}

/** A session as its server knows it, and how to open another connection to that server. */
export interface CancelTarget {
  /** How the connection begins TLS: after the server has agreed, or at once; false without TLS. */
  readonly secure: false | 'asked' | 'direct';
  readonly processID: number;
  readonly secretKey: number;
  /** Opens another connection to the same server. */
  connect(): CancelConnection;
}

/**
 * The target of a cancel of a session. It is reached at the address to which the session's socket is connected, because its host name may lead to
 * another server by now. Where the user makes the socket, it is made once more.
 *
 * @param stream what the connection's options say of its socket
 * @returns undefined if the server has given no key for cancels, or another connection to it can't be opened
 */
export function cancelTargetOf(client: Client, stream: ClientConfig['stream']): CancelTarget | undefined {
  const { host, port, ssl, sslNegotiation, processID, secretKey, connection } =
    client as unknown as OpenClient; // pg's own members
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return undefined;
  if (stream !== undefined && typeof stream !== 'function') return undefined;
  const { remoteAddress = host, remotePort = port } = stream === undefined ? connection.stream : {};
  const config = { stream, ssl: ssl && namedAs(host, ssl), sslNegotiation };
  return {
    secure: !ssl ? false : sslNegotiation === 'direct' ? 'direct' : 'asked',
    processID,
    secretKey,
    connect() {
      const other = new Connection(config) as CancelConnection; // pg's own methods
      if (host.startsWith('/'))
        other.connect(`${host}/.s.PGSQL.${port}` as unknown as number); // as the client itself does
      else other.connect(remotePort, remoteAddress);
      return other;
    },
  };
}

/** The certificate is checked against the session's host name, although the connection is made by address. For an IP address, pg does the right thing. */
function namedAs(
  host: string,
  ssl: NonNullable<Exclude<ConnectionConfig['ssl'], false>>,
): NonNullable<ConnectionConfig['ssl']> {
  const given = ssl === true ? {} : { ...ssl, ...('key' in ssl && { key: ssl.key }) }; // pg makes it not enumerable
  return isIP(host) === 0 ? { ...given, host, servername: host } : given;
}

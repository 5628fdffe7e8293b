import { EventEmitter } from 'node:events';
import pg, { Client, type ClientConfig, type QueryResult } from 'pg';

type Callback = (error: Error | null, result?: QueryResult) => void;

/**
 * What pg's client of libpq shows of itself, before a client of pg's own: the package that it needs is compiled where it is installed, which can't be
 * done everywhere. As there, nothing tells the transaction's status while a statement runs, and names outlive what the server has forgotten.
 */
class NativeDouble extends EventEmitter {
  namedQueries: Record<string, string> = {};
  private readonly client: Client;
  private running = 0;

  constructor(config: ClientConfig) {
    super();
    this.client = new Client(config);
    this.client.on('error', (error) => this.emit('error', error));
    this.client.on('notification', (message) => this.emit('notification', message));
  }

  connect(callback: (error: Error | null) => void): void {
    this.client.connect().then(
      () => {
        this.emit('connect');
        callback(null);
      },
      (error: Error) => callback(error),
    );
  }

  query(
    config: null | string | { text: string; name?: string; values?: unknown[] },
    values?: unknown,
    last?: Callback,
  ): unknown {
    if (config === null) throw new TypeError('Client was passed a null or undefined query');
    const { text, name, ...others } = typeof config === 'string' ? { text: config } : config;
    const given = Array.isArray(values) ? values : others.values;
    const callback = [values, last].find((arg) => typeof arg === 'function') as Callback | undefined;
    this.running++;
    const answer = this.ask(text, name, given).finally(() => this.running--);
    if (callback === undefined) return answer;
    answer.then((result) => callback(null, result), callback);
    return undefined;
  }

  private async ask(
    text: string,
    name: string | undefined,
    values: unknown[] | undefined,
  ): Promise<QueryResult> {
    if (name === undefined) return await this.client.query(text, values);
    if (this.namedQueries[name] === undefined) await this.client.query(`PREPARE "${name}" AS ${text}`);
    this.namedQueries[name] = text;
    return await this.client.query(`EXECUTE "${name}"`);
  }

  getTransactionStatus(): string | null {
    return this.running > 0 ? null : this.client.getTransactionStatus();
  }

  getTypeParser(...args: Parameters<Client['getTypeParser']>): unknown {
    return this.client.getTypeParser(...args);
  }

  setTypeParser(...args: unknown[]): void {
    Reflect.apply(this.client.setTypeParser, this.client, args);
  }

  async end(): Promise<void> {
    await this.client.end();
    this.emit('end');
  }
}

/** The kinds of native clients that can be had here, each with what makes pg find it. */
export const NATIVE_CLIENTS: readonly [name: string, install: () => void][] = [
  ['a double of it', () => install({ Client: NativeDouble })],
  ...(pg.native === null ? [] : [realOne(pg.native)]),
];

/** Has pg find none. */
export function withoutNative(): void {
  install(null);
}

function realOne(native: NonNullable<typeof pg.native>): [string, () => void] {
  return ['pg-native', () => install(native)];
}

function install(native: unknown): void {
  Object.defineProperty(pg, 'native', { value: native, configurable: true });
}

import type { Client, Connection } from 'pg';
import { beginsTransaction } from '../statements/begins-transaction.js';

/** Decides what the library itself sends on a session beside the statements of borrowers. */
export interface StatementSource {
  /** Called before a borrower's statement outside of a transaction. @returns the text to send before it, if any */
  before(): string | undefined;
  /** Called when a transaction begins. @returns the text to send in it, if any @throws why the transaction must not go on */
  begin(): string | undefined | Promise<string | undefined>;
  /** Called when the transaction has ended for which {@link begin} was called. */
  over(): void;
  /** Called when the server reports the value of a setting. */
  told(name: string, value: string): void;
}

/** What was sent up to one `ReadyForQuery` of the server. */
interface Exchange {
  /** Who sent it: a borrower; or the library, `before` a borrower's statement, in a transaction that has begun (`begin`), or to roll that back (`undo`). */
  readonly of: 'borrower' | 'before' | 'begin' | 'undo';
  readonly text: string;
  /** The first words of the command tags that have answered a borrower's statements. */
  readonly tags: Set<string>;
  /** Whether it is a single statement of a borrower that begins a transaction. */
  readonly begins: boolean;
  /** Gives the answer of {@link StatementSource.begin} for the transaction that a borrower has begun with it. */
  due?: () => ReturnType<StatementSource['begin']>;
  /** Of a `begin`: the borrower's exchange that has begun the transaction. */
  readonly follows?: Exchange;
  /** Of the library's: the server's error; of an `undo`, the error to report when the rollback is done. */
  error?: unknown;
}

/** The messages that answer a statement; all others the server sends by itself. */
const ANSWERS = new Set<unknown>(
  `message parseComplete bindComplete closeComplete noData rowDescription parameterDescription dataRow commandComplete emptyQuery
   portalSuspended notice parameterStatus`.split(/\s+/),
);

const CHAINS = /\bchain\b/i;

/**
 * Sends statements of the library in one round trip with those of borrowers: before a statement, and after one that begins a transaction.
 * Their answers are hidden from pg, from borrowers and from the {@link SessionWatch}. A statement that begins a transaction is answered only when
 * the library's in that transaction has been answered; if that one fails, the transaction is rolled back, and the borrower's statement fails.
 *
 * The texts of statements don't show every transaction that begins. So whenever the server is ready in a transaction in which the library's
 * statement was not sent yet, it is sent then, in a round trip of its own.
 */
export class OwnStatements {
  private readonly exchanges: Exchange[] = [];
  /** Texts sent by the extended protocol that no `Sync` has followed yet. */
  private texts: string | undefined;
  /** Whether the library's statement was sent in the open transaction. `perhaps`, if a rollback to an earlier savepoint may have undone it. */
  private has: 'no' | 'perhaps' | 'yes' = 'no';
  /** Whether {@link StatementSource.begin} was called, and {@link StatementSource.over} was not yet. */
  private isOpen = false;
  private readonly send: Connection['query'];
  private readonly tell: Connection['emit'];

  /** @param sentAs finds the text that was sent by a name */
  constructor(
    private readonly client: Client,
    private readonly source: StatementSource,
    private readonly sentAs: (name: string) => string,
  ) {
    const { connection } = client;
    this.send = connection.query.bind(connection);
    this.tell = connection.emit.bind(connection);
  }

  /** Replaces the connection's methods, for as long as the session lives. */
  attach(): void {
    const { connection } = this.client;
    replace(connection, 'emit', (name: string | symbol, ...args: unknown[]) => this.hear(name, args));
    this.client.on('end', () => this.end());
    this.replaceSending(connection);
  }

  private replaceSending(connection: Connection): void {
    const parse = connection.parse.bind(connection);
    const bind = connection.bind.bind(connection);
    const sync = connection.sync.bind(connection);
    replace(connection, 'query', (text: string) => {
      const { stream } = connection;
      stream.cork(); // all of it in one packet
      try {
        this.sendBefore();
        this.send(text);
        this.sent(text);
      } finally {
        stream.uncork();
      }
    });
    replace(connection, 'parse', (...args: Parameters<typeof parse>) => {
      this.enter(args[0].text);
      parse(...args);
    });
    replace(connection, 'bind', (...args: Parameters<typeof bind>) => {
      const { statement } = (args[0] ?? {}) as { statement?: string }; // as the client sends it
      if (statement) this.enter(this.sentAs(statement));
      bind(...args);
    });
    replace(connection, 'sync', () => {
      sync();
      this.sent(this.texts ?? '');
      this.texts = undefined;
    });
  }

  private enter(text: string): void {
    if (this.texts === undefined) this.sendBefore();
    this.texts = this.texts === undefined || this.texts === text ? text : `${this.texts};${text}`;
  }

  private sendBefore(): void {
    if (this.client.getTransactionStatus() !== 'I') return;
    const text = this.source.before();
    if (text !== undefined) this.sendOwn('before', text);
  }

  private sendOwn(of: Exchange['of'], text: string, about: Pick<Exchange, 'follows' | 'error'> = {}): void {
    this.send(text);
    this.exchanges.push({ of, text, tags: new Set(), begins: false, ...about });
  }

  private sent(text: string): void {
    const begins = this.client.getTransactionStatus() === 'I' && beginsTransaction(text);
    const exchange: Exchange = { of: 'borrower', text, tags: new Set(), begins };
    this.exchanges.push(exchange);
    if (!begins) return;
    exchange.due = this.begin();
    try {
      const own = exchange.due();
      if (typeof own === 'string') this.sendOwn('begin', own, { follows: exchange });
    } catch {
      // Thrown once more, and reported, when the transaction has begun.
    }
  }

  /** @returns a function that gives the answer of {@link StatementSource.begin}, or throws its error, at each call */
  private begin(): () => ReturnType<StatementSource['begin']> {
    this.over();
    this.isOpen = true;
    try {
      const own = this.source.begin();
      if (typeof own === 'object') own.catch(() => undefined); // nobody hears of it if the transaction does not begin
      return () => own;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }

  private over(): void {
    this.has = 'no';
    if (!this.isOpen) return;
    this.isOpen = false;
    this.source.over();
  }

  /** @returns what `emit` returns */
  private hear(name: string | symbol, args: unknown[]): boolean {
    const [exchange] = this.exchanges;
    const [message] = args as [Readonly<Record<string, unknown>> | undefined]; // its name tells what it holds
    if (name === 'parameterStatus')
      this.source.told(String(message?.parameterName), String(message?.parameterValue));
    if (exchange === undefined) return this.tell(name, ...args);
    if (name === 'readyForQuery') return this.ready(exchange, message?.status, args);
    if (exchange.of === 'borrower') {
      if (name === 'commandComplete') exchange.tags.add(String(message?.text).split(' ', 1)[0]);
      return this.tell(name, ...args);
    }
    if (name === 'errorMessage' && message?.severity !== 'FATAL') {
      exchange.error = message;
      return true;
    }
    return ANSWERS.has(name) || this.tell(name, ...args);
  }

  private ready(exchange: Exchange, status: unknown, args: unknown[]): boolean {
    this.exchanges.shift();
    const { of, follows } = exchange;
    if (of === 'before' || this.exchanges.at(0)?.of === 'begin') return true; // the next exchange is answered for both
    if (of === 'begin' && status === 'E') {
      this.undo(exchange.error, follows);
      return true;
    }
    if (of === 'begin') this.has = follows?.begins === true ? 'yes' : 'perhaps';
    if (of === 'undo') this.tell('errorMessage', exchange.error);
    if (status === 'I') this.over();
    const pass = (): boolean => this.tell('readyForQuery', ...args);
    return status === 'T' && of === 'borrower' && this.isDue(exchange) ? this.give(exchange, pass) : pass();
  }

  /** Whether it may have begun a transaction in which the library's statement was not sent. */
  private isDue({ tags, text }: Exchange): boolean {
    if (this.has === 'no' || tags.has('BEGIN') || tags.has('START') || tags.has('COMMIT')) return true;
    return tags.has('ROLLBACK') && (this.has === 'perhaps' || CHAINS.test(text));
  }

  private give(exchange: Exchange, pass: () => void): boolean {
    const give = (text: string | undefined): void => {
      if (text !== undefined) return this.sendOwn('begin', text, { follows: exchange });
      this.has = 'yes';
      pass();
    };
    exchange.due ??= this.begin();
    try {
      const own = exchange.due();
      if (typeof own === 'object') own.then(give, (error: unknown) => this.undo(error, exchange));
      else give(own);
    } catch (error) {
      this.undo(error, exchange);
    }
    return true;
  }

  /** Rolls back a transaction that can't have what it needs, and reports the error to the borrower who began it. */
  private undo(error: unknown, begun: Exchange | undefined): void {
    // The COMMIT that has begun it succeeded: reported as failed, it would be done again. So the session ends instead.
    if (begun?.tags.has('COMMIT') === true) this.client.connection.stream.destroy(error as Error);
    else this.sendOwn('undo', 'ROLLBACK', { error });
  }

  private end(): void {
    this.exchanges.length = 0;
    this.over();
  }
}

function replace(connection: Connection, method: keyof Connection, value: unknown): void {
  Object.defineProperty(connection, method, { value, configurable: true, writable: true });
}

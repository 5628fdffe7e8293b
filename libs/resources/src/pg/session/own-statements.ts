import type { Client, Connection } from 'pg';
import { beginsTransaction } from '../statements/begins-transaction.js';

/** What is sent besides the statements of borrowers. */
export interface Company {
  /** What goes before a borrower's statement outside of transactions, if anything. */
  before(): string | undefined;
  /** What a transaction needs that begins, if anything: at once or later. @throws what makes it impossible */
  begin(): string | undefined | Promise<string | undefined>;
  /** What {@link begin} was called for is over. */
  over(): void;
  /** The server tells the value of a setting. */
  told(name: string, value: string): void;
}

/** What is sent until the server answers that it is ready. */
interface Exchange {
  /** Whose: a borrower's, or ours before it, in the transaction that it has begun, or to undo that. */
  readonly of: 'borrower' | 'before' | 'begin' | 'undo';
  readonly text: string;
  /** The first words of what a borrower's is answered. */
  readonly tags: Set<string>;
  /** Whether it is one statement of a borrower that begins a transaction. */
  readonly begins: boolean;
  /** What the transaction needs that a borrower's has begun, or will have. */
  due?: () => ReturnType<Company['begin']>;
  /** Of ours in a transaction, what it follows. */
  readonly follows?: Exchange;
  /** Of ours, what the server has refused it with, or what is told when it is done. */
  error?: unknown;
}

/** What the server says in answer to a statement, and not by itself. */
const ANSWERS = new Set<unknown>(
  `message parseComplete bindComplete closeComplete noData rowDescription parameterDescription dataRow commandComplete emptyQuery
   portalSuspended notice parameterStatus`.split(/\s+/),
);

const CHAINS = /\bchain\b/i;

/**
 * Sends statements of ours together with those of borrowers, in one round trip: before one, and after one that begins a transaction. Nobody
 * else hears of their answers: neither pg nor a borrower, nor who watches what a loan leaves. What begins a transaction is answered when ours has
 * been, too; if that fails, so does what began the transaction, which is rolled back.
 *
 * Which transactions have begun is not a matter of texts: whenever the server is ready in a transaction that has not got its due, that comes
 * first, in a round trip of its own.
 */
export class OwnStatements {
  private readonly exchanges: Exchange[] = [];
  /** Texts that are not followed by a synchronisation yet. */
  private texts: string | undefined;
  /** Whether the transaction has got its due. `perhaps`, if it may be undone by a savepoint of before. */
  private has: 'no' | 'perhaps' | 'yes' = 'no';
  private isOpen = false;
  private readonly send: Connection['query'];
  private readonly tell: Connection['emit'];

  /** @param sentAs finds the text that was sent by a name */
  constructor(
    private readonly client: Client,
    private readonly company: Company,
    private readonly sentAs: (name: string) => string,
  ) {
    const { connection } = client;
    this.send = connection.query.bind(connection);
    this.tell = connection.emit.bind(connection);
  }

  /** From now on, for the session's life. */
  accompany(): void {
    const { connection } = this.client;
    replace(connection, 'emit', (name: string | symbol, ...args: unknown[]) => this.hear(name, args));
    this.client.on('end', () => this.end());
    this.accompanySending(connection);
  }

  private accompanySending(connection: Connection): void {
    const parse = connection.parse.bind(connection);
    const bind = connection.bind.bind(connection);
    const sync = connection.sync.bind(connection);
    replace(connection, 'query', (text: string) => {
      const { stream } = connection;
      stream.cork(); // in one packet
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
    const text = this.company.before();
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
      // It is told when the transaction has begun.
    }
  }

  /** @returns what tells the outcome, as often as it is asked */
  private begin(): () => ReturnType<Company['begin']> {
    this.over();
    this.isOpen = true;
    try {
      const own = this.company.begin();
      if (typeof own === 'object') own.catch(() => undefined); // of a transaction that did not come about
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
    this.company.over();
  }

  /** @returns as an emitter does */
  private hear(name: string | symbol, args: unknown[]): boolean {
    const [exchange] = this.exchanges;
    const [message] = args as [Readonly<Record<string, unknown>> | undefined]; // its name tells what it holds
    if (name === 'parameterStatus')
      this.company.told(String(message?.parameterName), String(message?.parameterValue));
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
    if (of === 'before' || this.exchanges.at(0)?.of === 'begin') return true; // what comes next answers for both
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

  /** Whether it may have begun a transaction that has not got its due. */
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

  /** The transaction can't have its due: it is undone, and so who has begun it hears. */
  private undo(error: unknown, begun: Exchange | undefined): void {
    // Of what it was that committed, nobody could tell any more.
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

import type { Client, Connection } from 'pg';
import { LEFT, type Left, mostOf } from '../left-behind.js';
import { before } from './before-sending.js';
import { doingOf } from '../pool/transaction-words.js';
import type { NamedStatements } from './named-statements.js';
import { ReportedSettings } from './reported-settings.js';

/** What a command leaves, by the first word of its tag. A command with any other tag may leave anything. */
const LEFT_BY_TAG = new Map<string, Left>([
  ...`SELECT INSERT UPDATE DELETE MERGE BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE SET SHOW FETCH MOVE CLOSE DECLARE COPY LOCK NOTIFY`
    .split(' ')
    .map((word): [string, Left] => [word, LEFT.nothing]), // besides what its text says
  ...`LISTEN UNLISTEN PREPARE DEALLOCATE DISCARD RESET`
    .split(' ')
    .map((word): [string, Left] => [word, LEFT.state]),
]);

/** Tags of what ends a transaction. That of a rollback to a savepoint is one of them, too. */
const ENDS = new Set(['COMMIT', 'ROLLBACK', 'PREPARE TRANSACTION']);

/** Judges a text before it is sent. @returns what it may leave */
export type JudgeText = (text: string) => Left;

interface ParameterStatus {
  readonly parameterName: string;
  readonly parameterValue: string;
}

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

/**
 * Watches what is sent on a session and what the server answers, and so knows what is in flight and what a loan may have left. It sees every text,
 * whether the client, a cursor or a stream for COPY sends it.
 *
 * It counts what is in flight, because the client doesn't know: the server answers each query and each `Sync` with one `ReadyForQuery`. What was
 * sent after the last `Sync`, such as by a cursor that is still open, is unfinished.
 */
export class SessionWatch {
  /** What the loan may have left, besides settings that the server reports. */
  private noted: Left = LEFT.nothing;
  private readonly settings = new ReportedSettings();
  /** How many transactions statements have ended. One that another follows at once is over, too. */
  endings = 0;
  /** How many statements borrowers have given to the client. */
  submitted = 0;
  /** How many `ReadyForQuery` are still to come. The first one comes when the session is open. */
  private outstanding = 1;
  /** Whether something was sent after the last `Sync`. */
  private isOpen = false;
  /** Whether the server is executing that. */
  private isExecuting = false;
  /** Whether the session's connection is gone. */
  hasEnded = false;
  /** The text that was sent last, until everything is answered. */
  private sent = '';
  /** How many commands the server has completed since its last `ReadyForQuery`. */
  private answers = 0;
  private isCopying = false;
  private waiters: Waiter[] = [];

  constructor(
    client: Client,
    private readonly names: Pick<NamedStatements, 'sentAs'>,
    private readonly judge: JudgeText | undefined,
    private readonly queue: { readonly isIdle: boolean },
  ) {
    const { connection } = client;
    this.watchSending(connection);
    this.watchAnswers(connection);
    client.on('end', () => this.end());
  }

  /** Whether nothing is in flight: all that was given to the client has been sent and answered. */
  get isSettled(): boolean {
    return this.outstanding === 0 && this.queue.isIdle && !this.isOpen;
  }

  /** Whether the server is executing something. It is not while nobody reads from an open cursor. */
  get isBusy(): boolean {
    return this.outstanding > 0 || (this.isOpen && this.isExecuting);
  }

  /** The latest text in flight; `''` if there is none. */
  get text(): string {
    return this.sent;
  }

  /** Resolves when nothing is in flight, which may be never. @throws Error when the session ends */
  async settled(): Promise<void> {
    if (this.hasEnded) throw new Error('the session has ended');
    if (!this.isSettled) await new Promise<void>((resolve, reject) => this.waiters.push({ resolve, reject }));
  }

  /** What the loan may have left. */
  get left(): Left {
    return this.settings.areOthers ? mostOf(this.noted, LEFT.state) : this.noted;
  }

  /** Forgets what was left: it was nothing, or it was undone. */
  startOver(): void {
    this.noted = LEFT.nothing;
    this.settings.own();
  }

  private leaves(left: Left): void {
    this.noted = mostOf(this.noted, left);
  }

  private sends(text: string): void {
    this.sent = text;
    if (this.judge !== undefined) this.leaves(this.judge(text));
  }

  private watchSending(connection: Connection): void {
    before(connection, 'query', (text) => {
      this.outstanding++;
      this.isOpen = false;
      this.sends(text);
    });
    before(connection, 'parse', ({ text }) => {
      this.isOpen = true;
      this.sends(text);
    });
    before(connection, 'bind', (config) => {
      this.isOpen = true;
      const { statement } = (config ?? {}) as { statement?: string }; // as the client sends it
      if (statement) this.sends(this.names.sentAs(statement));
    });
    before(connection, 'execute', () => {
      this.isOpen = true;
      this.isExecuting = true;
    });
    before(connection, 'sync', () => {
      this.outstanding++;
      this.isOpen = false;
    });
  }

  private watchAnswers(connection: Connection): void {
    for (const end of ['portalSuspended', 'commandComplete', 'emptyQuery', 'errorMessage'])
      connection.on(end, () => (this.isExecuting = false));
    connection.on('readyForQuery', () => {
      this.outstanding--;
      if (this.outstanding === 0) this.sent = '';
      if (this.isCopying) this.leaves(LEFT.unknown); // a COPY that ended early
      this.isCopying = false;
      this.answers = 0;
    });
    connection.on('commandComplete', ({ text }: { text: string }) => {
      this.isCopying = false;
      const word = firstWord(text);
      if (ENDS.has(text) && (text !== 'ROLLBACK' || doingOf(this.sent).kind !== 'nothing')) this.endings++;
      const left = ++this.answers > 1 ? undefined : LEFT_BY_TAG.get(word);
      this.leaves(left ?? LEFT.unknown);
    });
    connection.on('copyInResponse', () => (this.isCopying = true));
    connection.on('copyOutResponse', () => (this.isCopying = true));
    connection.on('parameterStatus', ({ parameterName, parameterValue }: ParameterStatus) => {
      this.settings.told(parameterName, parameterValue);
      if (parameterName === 'client_encoding') this.leaves(LEFT.unknown); // the server may have read other texts
    });
    connection.on('notification', () => this.leaves(LEFT.state));
  }

  /** Resolves all who wait if nothing is in flight any more. */
  settle(): void {
    if (!this.isSettled) return;
    const { waiters } = this;
    this.waiters = [];
    for (const waiter of waiters) waiter.resolve();
  }

  private end(): void {
    this.hasEnded = true;
    const { waiters } = this;
    this.waiters = [];
    for (const waiter of waiters) waiter.reject(new Error('the session has ended'));
  }
}

function firstWord(tag: string): string {
  const end = tag.indexOf(' ');
  return end === -1 ? tag : tag.slice(0, end);
}

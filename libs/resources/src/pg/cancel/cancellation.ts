import { UncleanSessionError } from '../../errors/unclean-session-error.js';
import type { PgSession } from '../session/pg-session.js';
import { QueueMark, type QueueMarkHost } from '../session/queue-mark.js';
import { SqlTokens } from '../statements/sql-tokens.js';
import type { CancelPlaces } from './cancel-places.js';
import type { CancelTarget } from './cancel-target.js';
import { cancelUntilOver } from './cancel-until.js';
import type { CancelEnd } from './request-cancel.js';

/** What a transaction ends with. One that is cancelled while it waits for a standby is said to be committed there. */
const ENDS_TRANSACTION = /^(?:commit|end|rollback|abort|prepare transaction)\b/;

/** Whether it is left alone, because it ends by itself. */
export function endsTransaction(text: string): boolean {
  const tokens = new SqlTokens(text);
  const first: string[] = [];
  while (first.length < 2 && tokens.next() && tokens.kind === 'word') first.push(tokens.value);
  return ENDS_TRANSACTION.test(first.join(' '));
}

/** Whether the session runs something that can be cancelled. */
export function runsStatement({ watch }: Pick<PgSession, 'watch'>): boolean {
  return watch.isBusy && !endsTransaction(watch.text);
}

/**
 * Cancels all that a session was given until now. PostgreSQL cancels whatever a session runs when the cancel arrives, so nothing else is sent until
 * none can arrive any more: the server has closed the connection of each, and has answered once more on the session's own. If that can't be had in
 * time, the session is destroyed.
 */
export class Cancellation implements QueueMarkHost {
  /** Resolves when it has settled, or the session was destroyed. */
  readonly settled: Promise<void>;
  private settle!: () => void;
  private isSettled = false;
  private readonly mark = new QueueMark(this);
  /** The last request, while it goes on. */
  private asking: Promise<CancelEnd> | undefined;
  private time: AbortSignal;

  /** @param target undefined where no cancel can be sent */
  constructor(
    private readonly session: PgSession,
    target: CancelTarget | undefined,
    places: CancelPlaces,
    private readonly timeout: number,
  ) {
    this.settled = new Promise((resolve) => (this.settle = resolve));
    this.time = this.limit();
    session.mark(this.mark);
    if (target === undefined) this.destroy();
    else this.ask(target, places);
  }

  reached(): void {
    if (this.asking === undefined) this.lastRound();
  }

  passed(): void {
    this.isSettled = true;
    this.settle();
  }

  failed(): void {
    this.destroy();
  }

  private ask(target: CancelTarget, places: CancelPlaces): void {
    void cancelUntilOver({
      target,
      places,
      signal: this.time,
      isOver: () => this.isSettled || this.mark.isReached,
      isWanted: () => runsStatement(this.session),
      asked: (ending) => {
        this.asking = ending;
        void ending.then((end) => this.ended(end));
      },
    });
  }

  private ended(end: CancelEnd): void {
    this.asking = undefined;
    if (end === 'unknown') this.destroy();
    else if (this.mark.isReached) this.lastRound();
  }

  private lastRound(): void {
    if (this.isSettled) return;
    this.time = this.limit();
    this.mark.pass();
  }

  private limit(): AbortSignal {
    const time = AbortSignal.timeout(this.timeout);
    time.addEventListener('abort', () => {
      if (time === this.time) this.timeIsUp();
    });
    return time;
  }

  /** Where nothing runs, as between two reads of a cursor, somebody may take as long as the loan does. */
  private timeIsUp(): void {
    if (this.mark.isReached || this.asking !== undefined || runsStatement(this.session)) this.destroy();
  }

  private destroy(): void {
    if (this.isSettled) return;
    this.isSettled = true;
    const { stream } = this.session.connection;
    if (stream.closed) this.settle();
    else stream.once('close', this.settle).destroy(new UncleanSessionError('uncancelled'));
  }
}

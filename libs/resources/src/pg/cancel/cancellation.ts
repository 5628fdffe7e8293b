import { UncleanSessionError } from '../../errors/unclean-session-error.js';
import type { PgSession } from '../session/pg-session.js';
import { QueueMark, type QueueMarkHost } from '../session/queue-mark.js';
import { SqlTokens } from '../statements/sql-tokens.js';
import type { CancelPlaces } from './cancel-places.js';
import type { CancelTarget } from './cancel-target.js';
import { cancelUntilOver } from './cancel-until.js';
import type { CancelEnd } from './request-cancel.js';

/** How statements begin that end a transaction. To cancel a COMMIT that waits for a standby would only end the wait: it has committed. */
const ENDS_TRANSACTION = /^(?:commit|end|rollback|abort|prepare transaction)\b/;

/** Whether a statement ends a transaction, and so is never cancelled. */
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
 * Cancels all that a session was given until now. PostgreSQL cancels whatever the session runs when the cancel arrives. So a mark in the session's
 * queue holds up everything else until no cancel can arrive any more: the server has closed the connection of each cancel, and after that has answered
 * once more on the session's own. If that doesn't happen in time, the session is destroyed.
 */
export class Cancellation implements QueueMarkHost {
  /** Resolves when no cancel can arrive any more, or the session is destroyed. */
  readonly settled: Promise<void>;
  private settle!: () => void;
  private isSettled = false;
  private readonly mark = new QueueMark(this);
  /** The request to cancel that is under way. */
  private asking: Promise<CancelEnd> | undefined;
  /** Aborted when the time for the present step is up. */
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

  /** While nothing runs, such as between two reads of a cursor, the borrower may take as long as it likes. */
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

import type { ClientConfig } from 'pg';
import { StatementCancelledError } from '../../errors/pg/statement-cancelled-error.js';
import { followSignal, type SignalFollower, unfollowSignal } from '../../hooks/follow-signal.js';
import { currentScope, loadOf } from '../../scopes/current-scope.js';
import type { LeaseScope } from '../../scopes/lease-scope.js';
import type { NeutralGround } from '../../time/neutral-ground.js';
import type { PgSession, SessionCancels } from '../session/pg-session.js';
import type { CancelSettings } from './cancel-options.js';
import type { CancelPlaces } from './cancel-places.js';
import { type CancelTarget, cancelTargetOf } from './cancel-target.js';
import { cancelUntilOver } from './cancel-until.js';
import { Cancellation, endsTransaction, runsStatement } from './cancellation.js';
import { cancelsOnHangUp } from './hang-up-marks.js';

/** How statements are cancelled, for all sessions of one resource type. */
export interface CancelTerms {
  readonly settings: CancelSettings;
  /** Whether a cancel can reach the server; if not, the session is destroyed instead. */
  readonly arrives: boolean;
  readonly places: CancelPlaces;
  readonly ground: NeutralGround;
}

/** Hears when nobody waits any more for what one session does, and cancels it. */
export class StatementCancels implements SessionCancels {
  /** The scope whose client is listened to for its hang-up. */
  private scope: LeaseScope | undefined;
  /** Whether the latest statement came from that scope's work. */
  private isOfScope = false;
  /** Whose next statement is refused: when they were abandoned, nothing ran that could have been cancelled. */
  private refuses: 'the scope' | 'everybody' | undefined;
  private readonly hangUp: SignalFollower = {
    signalAborted: () => this.abandon('the scope', this.isOfScope),
  };
  private readonly abort: SignalFollower = { signalAborted: () => this.abandon('everybody', true) };
  /** What stops listening to each signal of the loan. */
  private readonly forget: (() => void)[] = [];
  private current: Cancellation | undefined;
  /** Whether to cancel once more when {@link current} has settled. */
  private isDue = false;

  /** @param stream what the connection's options say of its socket */
  constructor(
    private readonly session: PgSession,
    private readonly terms: CancelTerms,
    private readonly stream: ClientConfig['stream'],
  ) {}

  beforeStatement(text: string): Error | undefined {
    const scope = currentScope.getStore();
    this.isOfScope = scope !== undefined && this.hears(scope);
    if (this.refuses === undefined || (this.refuses === 'the scope' && !this.isOfScope)) return undefined;
    if (endsTransaction(text)) return undefined;
    this.refuses = undefined;
    return new StatementCancelledError(text);
  }

  follow(signal: AbortSignal): void {
    this.followBy(this.abort, signal);
  }

  loanEnded(): Promise<void> | undefined {
    if (this.forget.length > 0) for (const forget of this.forget.splice(0)) forget();
    this.scope = undefined;
    this.refuses = undefined;
    this.isDue = false;
    return this.current?.settled;
  }

  sessionEnds(): void {
    void this.loanEnded();
    const { session, terms } = this;
    const target = this.target();
    if (target === undefined || !runsStatement(session)) return;
    const { stream } = session.connection;
    void cancelUntilOver({
      target,
      places: terms.places,
      signal: AbortSignal.timeout(terms.settings.timeout),
      isOver: () => stream.destroyed || !session.watch.isBusy,
      isWanted: () => runsStatement(session),
      asked: () => undefined, // whatever becomes of it, nobody borrows the session any more
    });
  }

  /** Finds the scope around the code now running whose hang-up cancels, and listens to it. A load of the cache is left alone: others may wait for it, too. */
  private hears(current: LeaseScope): boolean {
    let scope: LeaseScope | undefined = current;
    while (scope !== undefined && scope !== this.scope && !this.isAskedBy(scope)) scope = scope.parent;
    if (scope === undefined || loadOf(scope.host) !== undefined) return false;
    if (scope !== this.scope) this.hear(scope);
    return true;
  }

  private hear(scope: LeaseScope): void {
    this.scope = scope;
    const { abandoned } = scope;
    if (abandoned?.aborted === true) this.refuses ??= 'the scope';
    else if (abandoned !== undefined) this.followBy(this.hangUp, abandoned);
  }

  /** Whether a scope wants it, and has this session on loan from a pool. What a cache lends is used by others at the same time. */
  private isAskedBy(scope: LeaseScope): boolean {
    if (!cancelsOnHangUp(scope, this.terms.settings.onHangUp)) return false;
    return scope.holds.all.some((hold) => hold.source === 'pool' && hold.lends(this.session));
  }

  private followBy(follower: SignalFollower, signal: AbortSignal): void {
    followSignal(signal, follower);
    this.forget.push(() => unfollowSignal(signal, follower));
  }

  /** @param mayCancel whether what runs may be cancelled, if something does */
  private abandon(whom: 'the scope' | 'everybody', mayCancel: boolean): void {
    if (mayCancel && (this.current !== undefined || runsStatement(this.session)))
      this.terms.ground.run(() => this.cancel());
    else if (this.refuses !== 'everybody') this.refuses = whom;
  }

  private cancel(): void {
    this.isDue = this.current !== undefined;
    if (this.isDue || !runsStatement(this.session)) return;
    const { places, settings } = this.terms;
    const current = new Cancellation(this.session, this.target(), places, settings.timeout);
    this.current = current;
    void current.settled.then(() => {
      this.current = undefined;
      if (this.isDue) this.cancel();
    });
  }

  private target(): CancelTarget | undefined {
    return this.terms.arrives ? cancelTargetOf(this.session, this.stream) : undefined;
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterTurn } from '../../../time/after-turn.js';
import type { LeaseScope, ScopeHost } from '../../../scopes/lease-scope.js';
import type { AbandonmentWarning } from '../abandonment-warning.js';
import { ExchangeScope } from './exchange-scope.js';

/**
 * The lease scope of one HTTP request. It is over when the answer has been handed over or the client is gone, AND everything
 * that works for the request and can be seen has settled: neither alone is right, because a stream outlives its
 * handler, and a handler outlives a client that hung up.
 *
 * What can't be seen, it knows of: a callback that will answer some time, an Observable that was unsubscribed. When such work
 * is given up, what it has borrowed is not lent on.
 */
export class HttpLeaseScope extends ExchangeScope {
  /** Hand-overs that have not settled, from the first middleware to the last filter. */
  private pipelines = 0;
  /** Handlers, bodies and filters that have not settled: they go on when a time-out has ended the pipeline. */
  private works = 0;
  /** Hand-overs that wait for nothing but the platform, which sends what they answered. */
  private sending = 0;
  private turn = 0;
  /** Whether whoever has the request returned without a promise and without an answer. */
  private silent = false;
  /** Whether an Observable was unsubscribed that had not completed. */
  private unsubscribed = false;
  /** Whether the answer is a body whose work can't be seen. */
  private bodyUnseen = false;
  /** Whether the platform has it, and it can be watched: when that is over, nobody but the platform has to answer. */
  private bodySeen = false;
  /** Whether the platform has all of it, and has only to end the answer. */
  private bodyGiven = false;
  /** Whether everybody has settled without an answer, and whoever waited for them may go on within this turn of the event loop. */
  private undecided = false;
  private watchesEnd = false;
  /** Whether somebody waits for the platform's reply itself. */
  private replyAwaited = false;
  /** Whether the answer was ended when nobody was there to read it: somebody tidied up. */
  private tidiedUp = false;
  private abandonment: AbortController | undefined;

  /** @param warning hears of it when work may go on unseen with what the scope holds */
  constructor(
    host: ScopeHost,
    parent: LeaseScope | undefined,
    request: IncomingMessage,
    response: ServerResponse,
    private readonly warning: AbandonmentWarning,
  ) {
    super(host, parent, request, response);
  }

  /** Somebody works for the request now. @returns which turn it is */
  handedOver(): number {
    this.silent = false;
    return ++this.turn;
  }

  /** Whoever had that turn returned, without a promise. */
  returned(turn: number): void {
    if (turn !== this.turn) return;
    this.listen();
    // Whoever called it goes on at once, and the response is closed later than that.
    if (this.answered && this.response?.closed !== true) return;
    this.silent = true;
    this.watchEnd();
    this.endIfOver();
  }

  /** Whoever had the request before has taken it back, from somebody who may work in a callback. */
  takenBack(): void {
    if (this.silent) this.unsubscribed = true;
  }

  pipelineBegan(): void {
    this.pipelines++;
  }

  /** @param goesOn whether the platform goes on by itself: nobody has to call back */
  pipelineSettled(goesOn = false): void {
    this.pipelines--;
    this.settled(goesOn);
  }

  /** An answer was given to the platform. When its client is gone, it may wait forever: HTTP/2 tells it nothing then. */
  sendingBegan(): void {
    this.sending++;
    this.listen();
    this.endIfOver();
  }

  sendingSettled(): void {
    // Over HTTP/2, whoever gave it may then wait once more, for an end that was told already.
    if (!this.gone || typeof this.response?.closed === 'boolean') this.sending--;
  }

  workBegan(): void {
    this.works++;
  }

  workSettled(): void {
    this.works--;
    this.settled();
  }

  /** Work that can't be seen was told to stop. */
  gaveUpUnseen(): void {
    this.unsubscribed = true;
  }

  /** Interceptors were told to stop. @param answered whether they had answered; then they wait for nothing but a handler */
  gaveUp(answered: boolean): void {
    if (!answered || this.works > 0) this.unsubscribed = true;
  }

  /** Somebody waits for the reply itself, and so for whoever answers; that may be told to nobody when the client is gone. */
  waitsForReply(): void {
    if (this.answered) return; // it does not wait
    this.replyAwaited = true;
    this.listen();
    this.endIfOver();
  }

  /** Whether the platform has been given an answer. */
  get sends(): boolean {
    return this.bodySeen || this.bodyUnseen;
  }

  /** The platform was given a value, which it sends by itself. */
  sendsValue(): void {
    this.bodySeen = true;
    this.bodyGiven = true;
  }

  /** Somebody answers now; when nobody is there, only who goes on within its turn does. */
  answers(): void {
    if (this.silent && (!this.gone || this.undecided)) this.silent = false;
  }

  /** What is sent is watched until it is over. */
  sendsSeen(): void {
    this.bodySeen = true;
  }

  /** The platform has all of what is sent. */
  sendsAll(): void {
    this.bodyGiven = true;
  }

  /** What is sent works on when its client is gone, and can't be seen at it. */
  sendsUnseen(): void {
    this.bodyUnseen = true;
  }

  protected override closed(): void {
    if (this.hungUp) this.abandonment?.abort(hungUp());
    this.endIfOver();
  }

  /**
   * Whether nobody wants any more what works here: the client has gone without its answer, or somebody else has answered, such as a
   * time-out. What nobody waited for goes on when the answer was sent.
   */
  private get hungUp(): boolean {
    return this.gone && (!this.answered || this.tidiedUp || this.unsubscribed || this.works > 0);
  }

  protected override get over(): boolean {
    return this.idle && !this.undecided && (this.answered || this.gone);
  }

  /** Whether nobody is seen at work. Merely sending to a client that is gone is not work. */
  private get idle(): boolean {
    if (this.works + this.pipelines === 0) return true;
    const waiting = Math.max(this.sending, this.replyAwaited ? 1 : 0);
    return this.works === 0 && this.pipelines <= waiting && this.gone;
  }

  protected override get unseen(): boolean {
    return (
      this.unsubscribed ||
      ((this.silent || this.bodyUnseen) && (!this.answered || this.tidiedUp)) ||
      this.endsLater ||
      (this.replyAwaited && !this.bodySeen && !this.bodyUnseen && !this.answered)
    );
  }

  /** Whether somebody works between the platform, which ends an answer at once, and its end, as whoever saves a session does. */
  private get endsLater(): boolean {
    // Over HTTP/2 an answer that comes too late has no end.
    return this.bodyGiven && !this.answered && typeof this.response?.closed === 'boolean';
  }

  /** A client that hung up does not wait for its turn in a queue. Made on demand: most requests never wait. */
  override get abandoned(): AbortSignal {
    this.abandonment ??= new AbortController();
    this.listen();
    if (this.hungUp) this.abandonment.abort(hungUp());
    return this.abandonment.signal;
  }

  protected override end(): void {
    const { unseen } = this;
    if (unseen && this.begun) this.warning.tell(this);
    super.end();
    if (unseen) this.abandonment?.abort(hungUp());
    this.abandonment = undefined;
    this.letGo();
  }

  private settled(goesOn = false): void {
    if (this.ended) return;
    if (this.works === 0 && this.pipelines === 0 && !this.answered) this.waitForAnswer(goesOn);
    this.endIfOver();
  }

  /** Nobody is seen at work, and somebody has to answer: who waited for what has settled, or a callback. */
  private waitForAnswer(goesOn: boolean): void {
    if (!this.bodySeen && !goesOn) this.silent = true;
    if (this.gone) {
      if (!this.undecided) afterTurn(() => this.decide());
      this.undecided = true;
      return;
    }
    this.listen();
    this.watchEnd();
  }

  private watchEnd(): void {
    const { response } = this;
    if (this.watchesEnd || response === undefined) return;
    this.watchesEnd = true;
    // Handed over is before sent: a slow reader holds no lease.
    response.once('prefinish', () => {
      // While somebody is seen at work, the end is theirs.
      this.tidiedUp = this.silent && this.gone && this.idle && !this.undecided;
      this.endIfOver();
    });
    // A response that no network sends may never be closed.
    if (response.socket?.writable !== true) response.once('finish', () => this.endIfOver());
  }

  private decide(): void {
    this.undecided = false;
    this.endIfOver();
  }
}

function hungUp(): Error {
  return new Error('the client hung up');
}

import type { Transferable } from 'node:worker_threads';
import { ProcessorAbortedError } from '../../errors/processors/processor-aborted-error.js';
import { followSignal, type SignalFollower, unfollowSignal } from '../../hooks/follow-signal.js';
import { NOTHING_TO_WAIT_FOR } from '../../hooks/nothing-to-wait-for.js';
import { TimeLimitError } from '../../hooks/time-limit.js';
import { quoteName } from '../../words/describe-name.js';
import type { Clock, ClockTimer } from '../../time/clock.js';
import { restoreFailure } from './copied-failure.js';
import { JobItems, type JobItemsHost } from './job-items.js';
import type { JobSettings } from './job-options.js';
import {
  ABORTED,
  type Answer,
  type JobMessage,
  type JobNews,
  READ_ENOUGH,
  TIMED_OUT,
  type ToThread,
} from '../protocol.js';
import type { JobFlag } from './job-flag.js';
import type { JobEnd } from './job-counts.js';

/** The thread that a job runs in. */
export interface JobThread {
  /** @throws what kept the job from being sent, or that the thread has ended */
  perform(job: JobMessage, transfer: readonly Transferable[]): Promise<Answer>;
  tell(message: ToThread): void;
  /** From now on, the process waits for what the thread tells. */
  hold(): void;
  letGo(): void;
}

/** The processor that runs a job; implemented by `ThreadProcessor`. */
export interface JobHost {
  readonly type: string | undefined;
  readonly clock: Clock;
  /** Milliseconds that a job may take to end by itself. */
  readonly graceful: number;
  /** Most items that are under way, a count. */
  readonly highWaterMark: number;
  readonly thread: JobThread;
  /** It could not be sent, or its thread has failed meanwhile. */
  lost(job: Job, error: unknown): void;
  /** A job that was to end has not. */
  overstayed(cause: unknown): void;
  /** It is done. @param duration milliseconds */
  settled(job: Job, end: JobEnd, duration: number): void;
}

/**
 * One job: sent to the thread, and ended before it is done if somebody wants that. Its caller hears at once that it was ended; the job itself is
 * over when the function has returned, or its thread is gone.
 */
export class Job implements JobItemsHost, SignalFollower {
  /** What the caller gets. */
  readonly result: Promise<unknown>;
  private isOver = false;
  private ended = false;
  /** Whether its caller has read as much as it wanted. */
  private wasEnough = false;
  private held = false;
  private startedAt = 0;
  private items: JobItems | undefined;
  private resolve!: (result: unknown) => void;
  private reject!: (error: unknown) => void;
  private madeOver: Promise<void> | undefined;
  private tellOver: (() => void) | undefined;
  private deadline: ClockTimer | undefined;
  private grace: ClockTimer | undefined;

  /** @param signals each of which ends it; one that can't be listened to fails it */
  constructor(
    private readonly host: JobHost,
    readonly message: JobMessage,
    readonly flag: JobFlag,
    private readonly settings: JobSettings,
    private readonly signals: readonly AbortSignal[],
  ) {
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Resolves when it is over. Never rejects. */
  get over(): Promise<void> {
    if (this.isOver) return NOTHING_TO_WAIT_FOR;
    return (this.madeOver ??= new Promise((resolve) => (this.tellOver = resolve)));
  }

  start(): void {
    const { timeout, transfer } = this.settings;
    const { host, message } = this;
    this.startedAt = host.clock.now();
    try {
      for (const signal of this.signals) followSignal(signal, this);
    } catch (error) {
      return this.failed(error);
    }
    if (timeout !== Infinity)
      this.deadline = host.clock.setTimeout(
        () => this.end(new TimeLimitError(`job ${quoteName(message.name)}`, timeout), TIMED_OUT),
        timeout,
      );
    this.deadline?.unref(); // the work keeps the process, and not its end
    // Whether each can be transferred, Node says.
    host.thread.perform(message, transfer as readonly Transferable[]).then(
      (answer) => this.answered(answer),
      (error: unknown) => host.lost(this, error),
    );
  }

  /** Ends it before it is done. @param state of its flag */
  end(cause: unknown, state = ABORTED): void {
    if (this.isOver || this.ended) return;
    this.stop(cause, state);
    const error = new ProcessorAbortedError(this.host.type, this.message.name, cause);
    this.items?.fail(error);
    this.reject(error);
  }

  /** Nothing more comes of it: its thread is gone, or it could not be sent. */
  failed(error: unknown, end: JobEnd = 'failed'): void {
    this.items?.fail(error);
    this.reject(error);
    this.settle(end);
  }

  told(message: JobNews): void {
    if (message.kind === 'item') this.items?.add(message.value);
    else if (message.kind === 'items') this.begin();
    else if (message.kind === 'result') this.finish(message.value);
    else {
      const { failure } = message;
      this.items?.close(failure === undefined ? {} : { error: restoreFailure(failure) });
      this.settle(failure === undefined ? 'returned' : 'failed');
    }
  }

  read(count: number): void {
    if (!this.isOver) this.host.thread.tell({ kind: 'credit', job: this.message.job, count });
  }

  async readEnough(): Promise<void> {
    if (!this.isOver && !this.ended) {
      this.wasEnough = true;
      this.stop(new Error('its caller has read enough'), READ_ENOUGH);
    }
    this.hold();
    await this.over;
  }

  hold(): void {
    if (this.held || this.isOver) return;
    this.held = true;
    this.host.thread.hold();
  }

  letGo(): void {
    if (!this.held) return;
    this.held = false;
    this.host.thread.letGo();
  }

  signalAborted(reason: unknown): void {
    this.end(reason);
  }

  private answered(answer: Answer): void {
    if (answer.kind === 'sent') {
      if (this.items === undefined) this.hold(); // until it has arrived
      return;
    }
    if (answer.kind === 'returned') this.finish(answer.value);
    else this.failed(restoreFailure(answer.failure));
  }

  private begin(): void {
    this.items = new JobItems(this, this.host.highWaterMark);
    this.letGo();
    this.resolve(this.items);
  }

  private finish(result: unknown): void {
    this.resolve(result);
    this.settle('returned');
  }

  private stop(cause: unknown, state: number): void {
    const { host, message } = this;
    this.ended = true;
    this.flag.state = state;
    host.thread.tell({ kind: 'look', job: message.job });
    this.grace = host.clock.setTimeout(() => host.overstayed(cause), host.graceful);
  }

  private settle(end: JobEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    const { clock } = this.host;
    if (this.deadline !== undefined) clock.clearTimeout(this.deadline);
    if (this.grace !== undefined) clock.clearTimeout(this.grace);
    for (const signal of this.signals) unfollowSignal(signal, this);
    this.letGo();
    const whatever = this.wasEnough ? 'returned' : 'aborted';
    this.host.settled(this, this.ended ? whatever : end, clock.now() - this.startedAt);
    this.tellOver?.();
  }
}

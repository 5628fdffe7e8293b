import type { Transferable } from 'node:worker_threads';
import { ProcessorAbortedError } from '../errors/processors/processor-aborted-error.js';
import { TimeLimitError } from '../hooks/time-limit.js';
import type { Clock, ClockTimer } from '../time/clock.js';
import { restoreFailure } from './copied-failure.js';
import { JobItems, type JobItemsHost } from './job-items.js';
import type { JobSettings } from './job-options.js';
import { ABORTED, type Answer, type JobNews, type JobMessage, READ_ENOUGH, TIMED_OUT } from './protocol.js';
import type { Thread } from './thread.js';

/** The processor that runs a job; implemented by `ThreadProcessor`. */
export interface JobHost {
  readonly type: string | undefined;
  readonly clock: Clock;
  /** Milliseconds that a job may take to end by itself. */
  readonly graceful: number;
  readonly thread: Pick<Thread, 'perform' | 'tell' | 'hold' | 'letGo'>;
  /** It could not be sent, or its thread has failed meanwhile. */
  lost(job: Job, error: unknown): void;
  /** A job that was to end has not. */
  overstayed(cause: unknown): void;
  /** It is done. */
  settled(job: Job): void;
}

/**
 * One job: sent to the thread, and ended before it is done if somebody wants that. Its caller hears at once that it was ended; the job itself is
 * over when the function has returned, or its thread is gone.
 */
export class Job implements JobItemsHost {
  /** What the caller gets. */
  readonly result: Promise<unknown>;
  /** Resolves when it is over. Never rejects. */
  readonly over: Promise<void>;
  private isOver = false;
  private ended = false;
  private held = false;
  private items: JobItems | undefined;
  private resolve!: (result: unknown) => void;
  private reject!: (error: unknown) => void;
  private tellOver!: () => void;
  private deadline: ClockTimer | undefined;
  private grace: ClockTimer | undefined;
  private readonly followed: AbortSignal[] = [];

  constructor(
    private readonly host: JobHost,
    readonly message: JobMessage,
    private readonly settings: JobSettings,
  ) {
    this.result = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.over = new Promise((resolve) => (this.tellOver = resolve));
  }

  /** @param signals each of which ends it */
  start(signals: readonly AbortSignal[]): void {
    const { timeout, transfer } = this.settings;
    const { host, message } = this;
    if (timeout !== Infinity)
      this.deadline = host.clock.setTimeout(
        () => this.end(new TimeLimitError(`job "${message.name}"`, timeout), TIMED_OUT),
        timeout,
      );
    for (const signal of signals) {
      this.followed.push(signal);
      signal.addEventListener('abort', this.aborted);
    }
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
  failed(error: unknown): void {
    this.items?.fail(error);
    this.reject(error);
    this.settle();
  }

  told(message: JobNews): void {
    if (message.kind === 'item') this.items?.add(message.value);
    else if (message.kind === 'items') this.begin();
    else if (message.kind === 'result') this.finish(message.value);
    else {
      this.items?.close(message.failure === undefined ? {} : { error: restoreFailure(message.failure) });
      this.settle();
    }
  }

  read(count: number): void {
    if (!this.isOver) this.host.thread.tell({ kind: 'credit', job: this.message.job, count });
  }

  async readEnough(): Promise<void> {
    if (!this.isOver && !this.ended) this.stop(new Error('its caller has read enough'), READ_ENOUGH);
    await this.over;
  }

  private readonly aborted = ({ target }: Event): void => this.end(reasonOf(target as AbortSignal)); // only signals are followed

  private answered(answer: Answer): void {
    if (answer.kind === 'sent') return this.hold(); // until it has arrived
    if (answer.kind === 'returned') this.finish(answer.value);
    else this.failed(restoreFailure(answer.failure));
  }

  private begin(): void {
    this.items = new JobItems(this, this.message.highWaterMark);
    this.hold();
    this.resolve(this.items);
  }

  /** Keeps the process alive for what comes by the port. */
  private hold(): void {
    if (this.held || this.isOver) return;
    this.held = true;
    this.host.thread.hold();
  }

  private finish(result: unknown): void {
    this.resolve(result);
    this.settle();
  }

  private stop(cause: unknown, state: number): void {
    const { host, message } = this;
    this.ended = true;
    Atomics.store(message.flag, 0, state);
    host.thread.tell({ kind: 'look', job: message.job });
    this.grace = host.clock.setTimeout(() => host.overstayed(cause), host.graceful);
  }

  private settle(): void {
    if (this.isOver) return;
    this.isOver = true;
    const { clock, thread } = this.host;
    for (const timer of [this.deadline, this.grace]) if (timer !== undefined) clock.clearTimeout(timer);
    for (const signal of this.followed) signal.removeEventListener('abort', this.aborted);
    if (this.held) thread.letGo();
    this.host.settled(this);
    this.tellOver();
  }
}

/** Why a signal was aborted; what a foreign one tells may throw. */
export function reasonOf(signal: AbortSignal): unknown {
  try {
    return (signal.reason as unknown) ?? new Error('its signal was aborted');
  } catch {
    return new Error('its signal was aborted');
  }
}

import type { Transferable } from 'node:worker_threads';
import { ProcessorCrashedError, type ThreadEnd } from '../errors/processors/processor-crashed-error.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { reasonOf } from '../hooks/abort-signals.js';
import type { Clock } from '../time/clock.js';
import { describeName } from '../words/describe-name.js';
import { restoreFailure } from './jobs/copied-failure.js';
import { settledOrAborted } from '../scopes/settled-or-aborted.js';
import type { EventLoop } from './upkeep/cpu-room.js';
import type { JobThread } from './jobs/job.js';
import { JobFlags } from './jobs/job-flag.js';
import type { ProcessorSettings } from './processor-options.js';
import {
  type Answer,
  CPU,
  HEAP,
  type JobMessage,
  type JobNews,
  type Prepared,
  type ToThread,
} from './protocol.js';
import { Thread, type ThreadListener } from './thread.js';

const MEGABYTE = 1_048_576;
const MICROSECONDS = 1_000;

/** The processor whose thread it is, or will be. */
export interface LoadedThreadHost {
  readonly type: string | undefined;
  readonly clock: Clock;
  told(news: JobNews): void;
  /** It has come to its end after it was loaded. */
  ended(loaded: LoadedThread, end: ThreadEnd): void;
}

/** A thread that has loaded its worker module, and what is known of its service. */
export class LoadedThread implements JobThread, ThreadListener {
  functions: readonly string[] = [];
  /** Loans that ended. */
  uses = 0;
  readonly flags = new JobFlags();
  /** Its own number from 0 to below 1. */
  readonly jitterFactor = Math.random();
  private readonly madeAt: number;
  private readonly usage = new Float64Array(new SharedArrayBuffer(2 * Float64Array.BYTES_PER_ELEMENT));
  private thread!: Thread;
  private isLoaded = false;
  /** Whether it has something to close before it ends. */
  private closes = false;
  private end: ThreadEnd | undefined;

  private constructor(private host: LoadedThreadHost) {
    this.madeAt = host.clock.now();
  }

  /**
   * @param signal gives it up
   * @throws what the module throws, InvalidOptionsError if it exports no function, ProcessorCrashedError when the thread ends meanwhile, the
   * signal's reason
   */
  static async load(
    host: LoadedThreadHost,
    settings: ProcessorSettings,
    signal: AbortSignal,
  ): Promise<LoadedThread> {
    const loaded = new LoadedThread(host);
    const thread = await Thread.make(settings, host.clock, loaded);
    loaded.thread = thread;
    const abort = (): void => void thread.terminate();
    signal.addEventListener('abort', abort);
    try {
      signal.throwIfAborted();
      await loaded.prepare(settings);
      signal.throwIfAborted(); // it was left to load
    } catch (error) {
      await thread.terminate();
      throw signal.aborted ? reasonOf(signal) : error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
    return loaded;
  }

  /** Milliseconds. */
  get age(): number {
    return this.host.clock.now() - this.madeAt;
  }

  /** The share of its time, from 0 to 1, in which its event loop was busy. */
  get utilization(): number {
    return this.thread.utilization;
  }

  get eventLoop(): EventLoop | undefined {
    return this.thread.eventLoop;
  }

  /** Whether it has ended, or is about to. */
  get ending(): boolean {
    return this.thread.ending;
  }

  /** Resolves when it has ended, and its host has heard of it. */
  get over(): Promise<void> {
    return this.thread.over;
  }

  /** Megabytes of heap that it used after its last job; `undefined` before. */
  get heap(): number | undefined {
    return told(this.usage[HEAP], MEGABYTE);
  }

  /** Milliseconds of CPU that it had used by the end of its last job; `undefined` before, and where Node does not tell. */
  get cpu(): number | undefined {
    return told(this.usage[CPU], MICROSECONDS);
  }

  /** From now on it is another's. */
  moveTo(host: LoadedThreadHost): void {
    this.host = host;
  }

  perform(job: JobMessage, transfer: readonly Transferable[]): Promise<Answer> {
    return this.thread.perform(job, transfer);
  }

  tell(message: ToThread): void {
    this.thread.tell(message);
  }

  hold(): void {
    this.thread.hold();
  }

  letGo(): void {
    this.thread.letGo();
  }

  /** Ends it, whatever it does. */
  async terminate(): Promise<void> {
    await this.thread.terminate();
  }

  /**
   * Ends it when it has closed what it has to close.
   *
   * @param signal ends it at once
   * @throws what kept it from closing in time; it has ended all the same
   */
  async retire(signal: AbortSignal): Promise<void> {
    if (!this.closes || this.ending || signal.aborted) return await this.terminate();
    const closed = this.close();
    await settledOrAborted(closed, signal);
    if (signal.aborted) closed.catch(() => undefined); // it had its time
    await this.terminate();
    if (!signal.aborted) await closed;
  }

  told(news: JobNews): void {
    this.host.told(news);
  }

  ended(end: ThreadEnd): void {
    this.end = end;
    if (this.isLoaded) this.host.ended(this, end);
  }

  private async close(): Promise<void> {
    this.closes = false;
    const answer = await this.thread.close().catch((error: unknown) => this.left(error));
    if (answer?.kind === 'threw') throw restoreFailure(answer.failure);
  }

  /** It answers no more while it closes: a hook may end it by `process.exit()`. @throws as {@link lost}, if that was not well */
  private async left(error: unknown): Promise<undefined> {
    if (this.ending) await this.over;
    if (this.end?.exitCode !== 0) await this.lost(error);
  }

  /** It answers no more. @throws why it was not asked, or how it has ended */
  private async lost(error: unknown): Promise<never> {
    if (!this.ending) throw error;
    await this.over;
    throw new ProcessorCrashedError(this.host.type, undefined, this.end ?? { stderr: [] });
  }

  private async prepare({ file, highWaterMark }: ProcessorSettings): Promise<void> {
    const { thread, flags, usage } = this;
    const { url, name, typescript } = file;
    const shared = { flags: flags.memory, usage };
    const preparing = thread.prepare({ file: url, typescript, highWaterMark, ...shared });
    const answer = await preparing.catch((error: unknown) => this.lost(error));
    if (answer.kind === 'threw') throw restoreFailure(answer.failure);
    if (answer.kind === 'returned') {
      const { functions, closes } = answer.value as Prepared; // as the host answers
      this.functions = functions;
      this.closes = closes;
    }
    if (this.functions.length === 0)
      throw new InvalidOptionsError(
        'file',
        `exports no function that a job could run: ${describeName(name)}. A bundler leaves out what is exported, unless it is told that its output is a library.`,
        this.host.type,
      );
    this.isLoaded = true;
  }
}

/** What a thread has told, in larger units; 0 stands for nothing. */
function told(amount: number | undefined, unit: number): number | undefined {
  return amount === undefined || amount === 0 ? undefined : amount / unit;
}

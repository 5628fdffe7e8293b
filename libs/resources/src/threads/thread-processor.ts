import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { ProcessorAbortedError } from '../errors/processors/processor-aborted-error.js';
import { ProcessorCrashedError, type ThreadEnd } from '../errors/processors/processor-crashed-error.js';
import type { Clock } from '../time/clock.js';
import { currentScope } from '../scopes/current-scope.js';
import { describeCause } from '../words/describe-cause.js';
import { listNames } from '../words/describe-name.js';
import { describeValue } from '../words/describe-value.js';
import { heed, warnOf } from '../words/warn-of.js';
import { restoreFailure } from './copied-failure.js';
import { Job, type JobHost, reasonOf } from './job.js';
import { readJobOptions } from './job-options.js';
import type { JobOptions, ProcessorThread } from './job-types.js';
import type { ProcessorSettings } from './processor-options.js';
import type { JobNews } from './protocol.js';
import { Thread, type ThreadListener } from './thread.js';

/** Who made a processor; implemented by `ProcessorFactory`. */
export interface ProcessorHost {
  readonly type: string | undefined;
  readonly clock: Clock;
  /** A job begins. */
  began(processor: ThreadProcessor): void;
  /** A job is done, well or not, and the thread lives. */
  proved(processor: ThreadProcessor): void;
  /** The thread has come to its end, which nobody asked for if it has crashed. */
  ended(processor: ThreadProcessor, error: ProcessorCrashedError | undefined, cause: unknown): void;
}

/**
 * The only implementation of {@link ProcessorThread}: one thread, and the jobs that run in it. Whatever becomes of a job, it is over sooner or
 * later: by itself, or with the thread.
 */
export class ThreadProcessor implements ProcessorThread, JobHost, ThreadListener {
  readonly type: string | undefined;
  readonly clock: Clock;
  readonly graceful: number;
  private ownThread: Thread | undefined;
  private functions: readonly string[] = [];
  private readonly jobs = new Map<number, Job>();
  private lastJob = 0;
  /** Why it is to end, or has ended. */
  private endCause: unknown;
  private endError: ProcessorCrashedError | undefined;

  private constructor(
    private readonly host: ProcessorHost,
    private readonly settings: ProcessorSettings,
  ) {
    this.type = host.type;
    this.clock = host.clock;
    this.graceful = settings.graceful;
  }

  /**
   * Makes one that has loaded its worker module.
   *
   * @param signal ends it before that
   * @throws what the module throws, ProcessorCrashedError when the thread ends meanwhile, the signal's reason
   */
  static async make(
    host: ProcessorHost,
    settings: ProcessorSettings,
    signal: AbortSignal,
  ): Promise<ThreadProcessor> {
    const processor = new ThreadProcessor(host, settings);
    const thread = await Thread.make(settings, host.clock, processor);
    processor.ownThread = thread;
    const abort = (): void => void processor.terminate(reasonOf(signal));
    signal.addEventListener('abort', abort);
    try {
      signal.throwIfAborted();
      await processor.prepare();
    } catch (error) {
      await processor.terminate(error);
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
    return processor;
  }

  get thread(): Thread {
    const { ownThread } = this;
    if (ownThread === undefined) throw new Error('it has no thread yet');
    return ownThread;
  }

  /** @param name checked by nobody before */
  async run(name: string, input?: unknown, options?: JobOptions): Promise<never> {
    const asked = readJobOptions(options, this.type);
    this.checkName(name);
    if (this.thread.ending) await this.thread.over; // it tells why
    if (this.endCause !== undefined) throw this.endOf(name);
    const signals = [asked.signal, this.scopeSignal()].filter((signal) => signal !== undefined);
    const over = signals.find(({ aborted }) => aborted);
    if (over !== undefined) throw new ProcessorAbortedError(this.type, name, reasonOf(over));
    const message = {
      kind: 'job' as const,
      job: ++this.lastJob,
      name,
      input,
      flag: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
      carried: this.carried(),
      highWaterMark: this.settings.highWaterMark,
    };
    const job = new Job(this, message, asked);
    this.jobs.set(message.job, job);
    this.host.began(this);
    job.start(signals);
    return (await job.result) as never; // what the function returns is what its type says, which only the caller knows
  }

  /** What is still running when its lease ends is ended. @returns when it may be lent again; at once, if nothing runs. @throws if it may not */
  async rest(): Promise<void> {
    await this.endJobs(new Error('its lease has ended'));
    if (this.endCause !== undefined) throw this.endCause;
  }

  /** Whether it may be lent as it is: nothing runs in it, and it has not ended. */
  get rested(): boolean {
    return this.jobs.size === 0 && this.endCause === undefined;
  }

  /** Ends it for good: jobs that are running have their time to end by themselves. @param signal ends that time */
  async close(signal: AbortSignal): Promise<void> {
    const cause = new Error('its thread was taken out of service');
    this.endCause ??= cause;
    const abort = (): void => void this.terminate(cause);
    signal.addEventListener('abort', abort);
    try {
      await this.endJobs(cause);
      await this.terminate(cause);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  lost(job: Job, error: unknown): void {
    if (this.thread.ending) return; // it is told when the thread is over
    const problem = `can't be sent to the thread (${describeCause(error)}).`;
    job.failed(new InvalidOptionsError('input', problem, this.type));
  }

  overstayed(cause: unknown): void {
    void this.terminate(cause);
  }

  settled(job: Job): void {
    this.jobs.delete(job.message.job);
    if (!this.thread.ending) this.host.proved(this);
  }

  told(message: JobNews): void {
    this.jobs.get(message.job)?.told(message);
  }

  ended(end: ThreadEnd): void {
    const wanted = this.endCause !== undefined;
    const [first] = this.jobs.values();
    if (!wanted) {
      this.endError = new ProcessorCrashedError(this.type, first?.message.name, end);
      this.endCause = this.endError;
    }
    this.host.ended(this, this.endError, this.endCause);
    for (const job of this.jobs.values())
      job.failed(
        wanted
          ? new ProcessorAbortedError(this.type, job.message.name, this.endCause)
          : new ProcessorCrashedError(this.type, job.message.name, end),
      );
  }

  private async prepare(): Promise<void> {
    const { url, typescript } = this.settings.file;
    const answer = await this.thread
      .prepare(url, typescript)
      .catch(async (error: unknown): Promise<never> => {
        if (this.thread.ending) await this.thread.over;
        throw this.endError ?? this.endCause ?? error;
      });
    if (answer.kind === 'threw') throw restoreFailure(answer.failure);
    if (answer.kind === 'returned') this.functions = answer.value as readonly string[]; // as the host answers
  }

  private async terminate(cause: unknown): Promise<void> {
    this.endCause ??= cause ?? new Error('it was ended');
    await this.thread.terminate();
  }

  private async endJobs(cause: unknown): Promise<void> {
    const jobs = [...this.jobs.values()];
    for (const job of jobs) job.end(cause);
    await Promise.all(jobs.map(({ over }) => over));
  }

  /** A request that has it on loan ends what it does when the client hangs up. */
  private scopeSignal(): AbortSignal | undefined {
    let scope = currentScope.getStore();
    while (scope !== undefined && scope.holderOf(this) === undefined) scope = scope.parent;
    return scope?.abandoned;
  }

  private carried(): unknown {
    const { carry } = this.settings;
    if (carry === undefined) return undefined;
    try {
      const given = carry();
      if (heed(given, warnOf)) throw new TypeError('carry must return at once, and returned a promise');
      return structuredClone(given);
    } catch (error) {
      warnOf(error); // the job goes on without
      return undefined;
    }
  }

  private endOf(name: string): Error {
    return this.endError ?? new ProcessorAbortedError(this.type, name, this.endCause);
  }

  private checkName(name: unknown): void {
    if (typeof name === 'string' && this.functions.includes(name)) return;
    const file = this.settings.file.name;
    throw new InvalidOptionsError(
      'name',
      `must be that of a function which ${file} exports (${listNames(this.functions) || 'it exports none'}); got ${describeValue(name)}.`,
      this.type,
    );
  }
}

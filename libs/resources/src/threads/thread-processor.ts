import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { ProcessorAbortedError } from '../errors/processors/processor-aborted-error.js';
import { ProcessorCrashedError, type ThreadEnd } from '../errors/processors/processor-crashed-error.js';
import { isAborted, reasonOf } from '../hooks/abort-signals.js';
import type { Clock } from '../time/clock.js';
import type { ThreadStats } from '../reports/processor-stats.js';
import { currentScope } from '../scopes/current-scope.js';
import { describeCause } from '../words/describe-cause.js';
import { listNames } from '../words/describe-name.js';
import { describeValue } from '../words/describe-value.js';
import { heed, warnOf } from '../words/warn-of.js';
import type { EventLoop } from './upkeep/cpu-room.js';
import { Job, type JobHost, type JobThread } from './jobs/job.js';
import type { JobEnd } from './jobs/job-counts.js';
import { readJobOptions } from './jobs/job-options.js';
import type { JobOptions, ProcessorThread } from './jobs/job-types.js';
import { LeavingThreads } from './upkeep/leaving-threads.js';
import { LoadedThread, type LoadedThreadHost } from './loaded-thread.js';
import type { ProcessorSettings } from './processor-options.js';
import type { JobMessage, JobNews } from './protocol.js';
import type { DueProcessor, Turnover } from './upkeep/turnover.js';

/** Who made a processor; implemented by `ProcessorFactory`. */
export interface ProcessorHost {
  readonly type: string | undefined;
  readonly clock: Clock;
  /** Where another thread comes from when one has served long enough. */
  readonly turnover: Pick<Turnover, 'want' | 'leave'>;
  /** A job begins. */
  began(processor: ThreadProcessor): void;
  /** A job is over. @param duration milliseconds @param alive whether its thread is */
  done(end: JobEnd, duration: number, alive: boolean): void;
  /** Another thread has taken the place of the processor's. */
  recycled(): void;
  /** The thread has come to its end, which nobody asked for if it has crashed. */
  ended(processor: ThreadProcessor, error: ProcessorCrashedError | undefined, cause: unknown): void;
}

/**
 * The only implementation of {@link ProcessorThread}: one thread at a time, and the jobs that run in it. Whatever becomes of a job, it is over
 * sooner or later: by itself, or with the thread. Between two loans another thread may take the place.
 */
export class ThreadProcessor implements ProcessorThread, JobHost, LoadedThreadHost, DueProcessor {
  readonly type: string | undefined;
  readonly clock: Clock;
  readonly graceful: number;
  readonly highWaterMark: number;
  private current!: LoadedThread;
  private readonly leaving: LeavingThreads;
  private readonly jobs = new Map<number, Job>();
  private lastJob = 0;
  /** Whether something was run in the loan that goes on, if one does. */
  private used = false;
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
    this.highWaterMark = settings.highWaterMark;
    this.leaving = new LeavingThreads(this.clock, settings.toRetire);
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
    processor.current = await LoadedThread.load(processor, settings, signal);
    return processor;
  }

  get thread(): JobThread {
    return this.current;
  }

  /** How its thread fares. */
  get stats(): ThreadStats {
    const { age, uses, utilization, heap, cpu } = this.current;
    return {
      age,
      uses,
      utilization,
      ...(heap !== undefined && { heap }),
      ...(cpu !== undefined && { cpu }),
    };
  }

  get eventLoop(): EventLoop | undefined {
    return this.current.eventLoop;
  }

  /** Jobs that are running, a count. */
  get running(): number {
    return this.jobs.size;
  }

  /** @param name checked by nobody before */
  async run(name: string, input?: unknown, options?: JobOptions): Promise<never> {
    const asked = readJobOptions(options, this.type);
    this.checkName(name);
    const carried = this.carried(); // before all that it could change
    if (this.current.ending) await this.current.over; // it tells why
    if (this.endCause !== undefined) throw this.endOf(name);
    const signals = [asked.signal, this.scopeSignal()].filter((signal) => signal !== undefined);
    const over = signals.find((signal) => isAborted(signal));
    if (over !== undefined) throw new ProcessorAbortedError(this.type, name, reasonOf(over));
    const flag = this.current.flags.take();
    const message: JobMessage = { kind: 'job', job: ++this.lastJob, name, input, flag: flag.address };
    this.used = true;
    const sent = carried === undefined ? message : { ...message, carried };
    const job = new Job(this, sent, flag, asked, signals);
    this.jobs.set(message.job, job);
    this.host.began(this);
    job.start();
    return (await job.result) as never; // what the function returns is what its type says, which only the caller knows
  }

  /**
   * A loan is over: what still runs is ended.
   *
   * @returns when it may be lent again; nothing if it may at once. It rejects if it may not
   */
  loanEnded(): Promise<void> | undefined {
    this.current.uses++;
    if (this.jobs.size > 0 || this.endCause !== undefined) return this.rest();
    this.renew();
    return undefined;
  }

  /** Where nobody has run anything since the last loan, nobody can tell one thread from the other. */
  take(next: LoadedThread): Promise<void> | undefined {
    if (this.used || this.jobs.size > 0 || this.endCause !== undefined) return undefined;
    const before = this.current;
    next.moveTo(this);
    this.current = next;
    this.host.recycled();
    return this.leaving.add(before);
  }

  /**
   * Ends it for good: jobs that are running have their time to end by themselves, and what a thread has to close is closed.
   *
   * @param signal ends that time
   * @throws what kept something from closing; the threads have ended all the same
   */
  async close(signal: AbortSignal): Promise<void> {
    const cause = new Error('its thread was taken out of service');
    this.endCause ??= cause;
    const abort = (): void => void this.terminate(cause);
    signal.addEventListener('abort', abort);
    try {
      await this.endJobs(cause);
      const ends = [
        this.host.turnover.leave(this, signal),
        this.current.retire(signal),
        this.leaving.over(signal),
      ];
      const failed = (await Promise.allSettled(ends)).find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected') throw failed.reason;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  lost(job: Job, error: unknown): void {
    if (this.current.ending) return; // it is told when the thread is over
    const problem = `can't be sent to the thread (${describeCause(error)}).`;
    job.failed(new InvalidOptionsError('input', problem, this.type));
  }

  overstayed(cause: unknown): void {
    void this.terminate(cause);
  }

  settled(job: Job, end: JobEnd, duration: number): void {
    this.jobs.delete(job.message.job);
    this.current.flags.giveBack(job.flag);
    this.host.done(end, duration, !this.current.ending);
  }

  told(message: JobNews): void {
    this.jobs.get(message.job)?.told(message);
  }

  ended(loaded: LoadedThread, end: ThreadEnd): void {
    if (loaded !== this.current) return; // it was replaced, or never took the place
    const wanted = this.endCause !== undefined;
    const [first] = this.jobs.values();
    if (!wanted) {
      this.endError = new ProcessorCrashedError(this.type, first?.message.name, end);
      this.endCause = this.endError;
    }
    this.host.ended(this, this.endError, this.endCause);
    for (const job of this.jobs.values())
      if (wanted)
        job.failed(new ProcessorAbortedError(this.type, job.message.name, this.endCause), 'aborted');
      else job.failed(new ProcessorCrashedError(this.type, job.message.name, end), 'crashed');
  }

  private async rest(): Promise<void> {
    await this.endJobs(new Error('its lease has ended'));
    if (this.endCause !== undefined) throw this.endCause;
    this.renew();
  }

  /** Between two loans: another thread takes the place, or is made to take it later. */
  private renew(): void {
    this.used = false;
    const { turnover } = this.host;
    if (this.settings.recycling.isDue(this.current)) turnover.want(this);
    else void turnover.leave(this);
  }

  private async terminate(cause: unknown): Promise<void> {
    this.endCause ??= cause ?? new Error('it was ended');
    await this.current.terminate();
  }

  private async endJobs(cause: unknown): Promise<void> {
    const jobs = [...this.jobs.values()];
    for (const job of jobs) job.end(cause);
    await Promise.all(jobs.map(({ over }) => over));
  }

  /** A request that has it on loan ends what it does when the client hangs up. */
  private scopeSignal(): AbortSignal | undefined {
    let scope = currentScope.getStore();
    while (scope !== undefined && scope.holdOf(this) === undefined) scope = scope.parent;
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
    if (typeof name === 'string' && this.current.functions.includes(name)) return;
    const file = this.settings.file.name;
    throw new InvalidOptionsError(
      'name',
      `must be that of a function which ${file} exports (${listNames(this.current.functions)}); got ${describeValue(name)}.`,
      this.type,
    );
  }
}

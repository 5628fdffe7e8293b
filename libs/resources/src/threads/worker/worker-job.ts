import type { MessagePort, Transferable } from 'node:worker_threads';
import type { JobContext } from '../jobs/job-context.js';
import type { JobFlag } from '../jobs/job-flag.js';
import { type FromThread, GOES_ON, type JobMessage, type JobNews } from '../protocol.js';
import { type CopiedFailure, copyFailure } from '../jobs/copied-failure.js';
import { jobSignal, type JobSignal } from './job-signal.js';
import { isA } from '../../words/is-a.js';

/** A value some of whose parts are to be moved. */
class Transfer {
  constructor(
    readonly value: unknown,
    readonly parts: readonly Transferable[],
  ) {}
}

/** One job, where it runs: what its function is told, and how its results are sent. */
export class WorkerJob {
  readonly context: JobContext;
  private madeSignal: JobSignal | undefined;
  /** Items that may still be sent, a count. */
  private credit: number;
  private wake: (() => void) | undefined;
  /** What its flag said when it ended: from then on, the flag is another job's. */
  private lastState: number | undefined;

  /** @param highWaterMark items that may be sent before any was read, a count */
  constructor(
    private readonly message: JobMessage,
    private readonly flag: JobFlag,
    private readonly port: MessagePort,
    highWaterMark: number,
  ) {
    this.credit = highWaterMark;
    this.context = new Context(this, message.carried);
  }

  /** What its flag says. */
  get state(): number {
    return this.lastState ?? this.flag.state;
  }

  get signal(): AbortSignal {
    return (this.madeSignal ??= jobSignal(this)).signal;
  }

  /** Whether nobody wants more of it. */
  get stopped(): boolean {
    return this.state !== GOES_ON;
  }

  /** Its function has returned, or thrown. */
  ended(): void {
    this.lastState = this.state;
  }

  /** Its flag has changed. */
  look(): void {
    this.madeSignal?.look();
    this.goOn();
  }

  /** So many more items may be sent. */
  grant(count: number): void {
    this.credit += count;
    this.goOn();
  }

  /** Sends a result, if it can't go as the answer does: some of it is to be moved. @returns whether it did */
  sendResult(result: unknown): boolean {
    if (!isA(result, Transfer)) return false;
    this.send({ kind: 'result', job: this.message.job, value: result.value }, result.parts);
    return true;
  }

  /** Sends the items of an iterable, as many as are read, until it ends or nobody wants more. @throws what the iterable throws */
  async sendItems(items: AsyncIterable<unknown>): Promise<void> {
    const { job } = this.message;
    this.send({ kind: 'items', job });
    const iterator = items[Symbol.asyncIterator]();
    for (;;) {
      while (this.credit <= 0 && !this.stopped) await new Promise<void>((resolve) => (this.wake = resolve));
      if (this.stopped) break;
      const { done, value } = await iterator.next();
      if (done) return; // as a loop would: it need not be `true`
      this.credit--;
      if (isA(value, Transfer)) this.send({ kind: 'item', job, value: value.value }, value.parts);
      else this.send({ kind: 'item', job, value });
    }
    await iterator.return?.();
  }

  /** There are no more items. @param failure what the iterable has thrown */
  sendEnd(failure: CopiedFailure | undefined): void {
    this.send({ kind: 'end', job: this.message.job, failure });
  }

  /** What can't be sent ends the thread, as it does where a result goes as the answer. */
  private send(message: JobNews, parts: readonly Transferable[] = []): void {
    try {
      this.port.postMessage(message, parts);
    } catch (unsendable) {
      this.port.postMessage({ kind: 'thrown', failure: copyFailure(unsendable) } satisfies FromThread);
      process.exit(1);
    }
  }

  private goOn(): void {
    this.wake?.();
    this.wake = undefined;
  }
}

/** What a job's function is told. A class, because a literal with a getter costs as much as the rest of the job. */
class Context implements JobContext {
  readonly #job: WorkerJob;
  readonly transfer = transferred;

  constructor(
    job: WorkerJob,
    readonly carried: unknown,
  ) {
    this.#job = job;
  }

  get signal(): AbortSignal {
    return this.#job.signal;
  }
}

/** What it returns is undone where it is sent: to the function it is still the value. */
function transferred<V>(value: V, parts: readonly object[]): V {
  return new Transfer(value, parts as readonly Transferable[]) as V;
}

import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  type Transferable,
  type Worker,
} from 'node:worker_threads';
import type { Piscina } from 'piscina';
import type { ThreadEnd } from '../errors/processors/processor-crashed-error.js';
import { afterTurn } from '../time/after-turn.js';
import type { Clock } from '../time/clock.js';
import { waitAtMost } from '../time/wait-at-most.js';
import { restoreFailure } from './jobs/copied-failure.js';
import type { EventLoop } from './upkeep/cpu-room.js';
import { HOST_FILE } from './host-file.js';
import { LastLines } from './last-lines.js';
import { loadPiscina } from './load-piscina.js';
import type { Answer, Closing, FromThread, JobMessage, JobNews, Preparation, ToThread } from './protocol.js';
import type { ThreadSettings } from './processor-options.js';

/** Jobs of one loan that run side by side, a count: in effect, no limit. Piscina queues nothing. */
const SIDE_BY_SIDE = 1_000_000;

/** Milliseconds for which a thread that has failed may take to tell its exit code. */
const TO_EXIT = 1_000;

/**
 * Milliseconds within which a thread that is given up may come to the end of loading its worker module. Node ends its process when a thread is terminated while
 * it requires an ES module, as a worker in CommonJS does that uses Nest 12.
 */
const TO_LOAD = 5_000;

/** Hears of a thread; implemented by the processor. */
export interface ThreadListener {
  told(message: JobNews): void;
  /** It has come to its end. Called once. */
  ended(end: ThreadEnd): void;
}

/**
 * One worker thread, run by a piscina of its own that is never given more than it runs. It exists to know how a thread ended: piscina would put
 * another in its place, with another state, and tell no exit code.
 */
export class Thread {
  private worker: Worker | undefined;
  private preparing: { readonly since: number; readonly answer: Promise<Answer> } | undefined;
  private readonly stderr = new LastLines();
  private readonly port: MessagePort;
  private readonly farPort: MessagePort;
  private cause: unknown;
  /** What has ended it, as it told by itself: Node keeps less of an error. */
  private thrown: Extract<FromThread, { kind: 'thrown' }> | undefined;
  /** A count. */
  private holds = 0;
  private failed = false;
  private isOver = false;
  private overListener: (() => void) | undefined;
  /** Resolves when it has ended and its listener has heard of it. */
  readonly over = new Promise<void>((resolve) => (this.overListener = resolve));

  private constructor(
    private readonly piscina: Piscina,
    private readonly clock: Clock,
    private readonly listener: ThreadListener,
  ) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.farPort = port2;
    port1.on('message', this.told);
    port1.on('messageerror', (error) => this.fail(error));
    port1.unref();
    piscina.on('error', () => undefined); // the worker tells it, too
  }

  /** Makes one, which has run nothing yet. @throws InvalidOptionsError without piscina, and what Node's `Worker` throws for an option */
  static async make(
    { env, execArgv, resourceLimits }: ThreadSettings,
    clock: Clock,
    listener: ThreadListener,
  ): Promise<Thread> {
    const Piscina = await loadPiscina();
    const piscina = new Piscina({
      filename: HOST_FILE.href,
      minThreads: 0, // or it would replace a thread that has ended
      maxThreads: 1,
      idleTimeout: Infinity,
      concurrentTasksPerWorker: SIDE_BY_SIDE,
      atomics: 'disabled', // a thread that waits for its next job must hear of what goes on in it
      recordTiming: false,
      ...(env !== undefined && { env }),
      ...(execArgv !== undefined && { execArgv: [...execArgv] }),
      ...(resourceLimits !== undefined && { resourceLimits }),
    });
    return new Thread(piscina, clock, listener);
  }

  /** Whether it has ended, or is about to. */
  get ending(): boolean {
    return this.failed || this.isOver;
  }

  /** `undefined` before it is started, and after its end. */
  get eventLoop(): EventLoop | undefined {
    return this.isOver ? undefined : this.worker?.performance;
  }

  /** The share of its time, from 0 to 1, in which its event loop was busy. */
  get utilization(): number {
    return this.eventLoop?.eventLoopUtilization().utilization ?? 0;
  }

  /** Loads the worker module. @returns the names of its functions, or what it threw */
  async prepare(what: Omit<Preparation, 'kind' | 'port'>): Promise<Answer> {
    const preparation: Preparation = { kind: 'prepare', ...what, port: this.farPort };
    const answer = this.send(preparation, [this.farPort]);
    this.preparing = { since: this.clock.now(), answer };
    this.watch(this.piscina.threads[0]); // piscina starts it for its first task
    return await answer.finally(() => (this.preparing = undefined));
  }

  /** @throws what kept it from being sent, or that the thread has ended, of which the listener hears */
  perform(job: JobMessage, transfer: readonly Transferable[]): Promise<Answer> {
    return this.send(job, transfer);
  }

  /** Closes what it has to close. @throws that it has ended meanwhile, of which the listener hears */
  async close(): Promise<Answer> {
    return await this.send({ kind: 'close' }, []);
  }

  tell(message: ToThread): void {
    if (!this.isOver) this.port.postMessage(message);
  }

  /** From now on, the process waits for what the thread tells. */
  hold(): void {
    if (this.holds++ === 0) this.port.ref();
  }

  /** What was waited for is there. */
  letGo(): void {
    if (--this.holds === 0) this.port.unref();
  }

  /** Ends it, whatever it does. @returns resolves when it is gone */
  async terminate(): Promise<void> {
    this.failed = true;
    if (this.worker === undefined) return this.finish(undefined); // Node has refused to make it
    if (this.preparing !== undefined) {
      const { since, answer } = this.preparing;
      const remaining = since + TO_LOAD - this.clock.now();
      await waitAtMost(remaining, this.clock, (ended) => void answer.then(ended, ended));
    }
    await this.piscina.destroy();
    await this.over;
  }

  private readonly told = (message: FromThread): void => {
    if (message.kind === 'thrown') this.thrown = message;
    else this.listener.told(message);
  };

  private send(task: Preparation | JobMessage | Closing, transfer: readonly Transferable[]): Promise<Answer> {
    const options = transfer.length === 0 ? undefined : { transferList: [...transfer] };
    return this.piscina.run(task, options) as Promise<Answer>; // what the host answers
  }

  private watch(worker: Worker | undefined): void {
    this.worker = worker;
    worker?.stderr.on('data', (piece: Buffer) => this.stderr.add(piece.toString('utf8')));
    worker?.on('error', (error) => this.fail(error));
    // What it wrote last arrives with its end.
    worker?.on('exit', (code) => {
      this.failed = true;
      afterTurn(() => this.finish(code));
    });
  }

  private fail(cause: unknown): void {
    if (this.failed) return;
    this.failed = true;
    this.cause = cause;
    const timer = this.clock.setTimeout(() => this.finish(undefined), TO_EXIT);
    void this.piscina.destroy(); // piscina has told it to end already, unless it was a message that can't be read
    void this.over.then(() => this.clock.clearTimeout(timer));
  }

  private finish(exitCode: number | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.failed = true;
    for (
      let last = receiveMessageOnPort(this.port);
      last !== undefined;
      last = receiveMessageOnPort(this.port)
    )
      this.told(last.message as FromThread); // what the host sends
    this.port.close();
    const { thrown } = this;
    const cause = thrown === undefined ? this.cause : restoreFailure(thrown.failure);
    this.listener.ended({ cause, exitCode, stderr: this.stderr.lines });
    this.overListener?.();
  }
}

import { WORK_OVER } from '../../hooks/work-over.js';

/** The job whose items they are. */
export interface JobItemsHost {
  /** Resolves when the job is over. Never rejects. */
  readonly over: Promise<void>;
  /** So many items were read. */
  read(count: number): void;
  /** Somebody waits for an item. Nothing else of an iterable keeps the process: what nobody reads may never end. */
  hold(): void;
  /** Nobody waits any more. */
  letGo(): void;
  /** No more of them is wanted. @returns resolves when the job is over */
  readEnough(): Promise<void>;
}

/** Somebody who waits for the next item. */
interface Reader {
  readonly resolve: (result: IteratorResult<unknown, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** Items that were read, and still have a place, before those behind them are moved: a count. */
const MOST_TAKEN = 1_000;

/**
 * The items of a job, as its caller reads them. The thread sends no more than what has been granted, and is granted what was read, half of the
 * bound at a time: a message for each would cost as much as the items.
 */
export class JobItems implements AsyncIterableIterator<unknown> {
  private readonly arrived: unknown[] = [];
  /** Those of them that were read, a count. */
  private taken = 0;
  private readonly readers: Reader[] = [];
  private end: { readonly error?: unknown } | undefined;
  private ungranted = 0;
  readonly [WORK_OVER]: Promise<void>;

  /** @param bound most items that have been sent and not read, a count */
  constructor(
    private readonly host: JobItemsHost,
    private readonly bound: number,
  ) {
    this[WORK_OVER] = host.over;
  }

  /** Items that have arrived and were not read, a count. */
  get buffered(): number {
    return this.arrived.length - this.taken;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.buffered > 0) {
      const value = this.take();
      this.grant();
      return Promise.resolve({ done: false, value });
    }
    const { end } = this;
    if (end === undefined) {
      this.host.hold();
      return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
    }
    if (!('error' in end)) return Promise.resolve({ done: true, value: undefined });
    this.end = {}; // it is told once
    return Promise.reject(end.error);
  }

  /** Ends the job: `for await` calls it when its loop is left early. */
  async return<R>(value?: R | PromiseLike<R>): Promise<IteratorResult<unknown, R | undefined>> {
    this.forget();
    this.close({});
    await this.host.readEnough();
    return { done: true, value: await value };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  add(value: unknown): void {
    if (this.end !== undefined) return;
    const reader = this.readers.shift();
    if (reader === undefined) {
      this.arrived.push(value);
      return;
    }
    if (this.readers.length === 0) this.host.letGo();
    this.grant();
    reader.resolve({ done: false, value });
  }

  /** No more will come. What has arrived can still be read, and then what the job has thrown is told. */
  close(end: { readonly error?: unknown }): void {
    if (this.end !== undefined) return;
    this.end = end;
    if (this.readers.length > 0) this.host.letGo();
    for (const reader of this.readers.splice(0)) this.next().then(reader.resolve, reader.reject);
  }

  /** The job was ended before it was done: what has arrived is not read any more. */
  fail(error: unknown): void {
    if (this.end === undefined) this.forget();
    this.close({ error });
  }

  /** Not by `shift()`: of a long list, that moves all that is left. */
  private take(): unknown {
    const { arrived } = this;
    const value = arrived[this.taken];
    arrived[this.taken++] = undefined;
    if (this.taken === arrived.length) this.forget();
    else if (this.taken >= MOST_TAKEN && this.taken * 2 >= arrived.length) {
      arrived.splice(0, this.taken);
      this.taken = 0;
    }
    return value;
  }

  private forget(): void {
    this.arrived.length = 0;
    this.taken = 0;
  }

  private grant(): void {
    this.ungranted++;
    if (this.ungranted < this.bound / 2) return;
    this.host.read(this.ungranted);
    this.ungranted = 0;
  }
}

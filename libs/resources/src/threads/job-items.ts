import { WORK_OVER } from '../hooks/work-over.js';

/** The job whose items they are. */
export interface JobItemsHost {
  /** Resolves when the job is over. Never rejects. */
  readonly over: Promise<void>;
  /** So many items were read. */
  read(count: number): void;
  /** No more of them is wanted. @returns resolves when the job is over */
  readEnough(): Promise<void>;
}

/** Somebody who waits for the next item. */
interface Reader {
  readonly resolve: (result: IteratorResult<unknown, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The items of a job, as its caller reads them. The thread sends no more than what has been granted, and is granted what was read, half of the
 * bound at a time: a message for each would cost as much as the items.
 */
export class JobItems implements AsyncIterableIterator<unknown> {
  private readonly arrived: unknown[] = [];
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
    return this.arrived.length;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.arrived.length > 0) {
      const value = this.arrived.shift();
      this.grant();
      return Promise.resolve({ done: false, value });
    }
    const { end } = this;
    if (end === undefined) return new Promise((resolve, reject) => this.readers.push({ resolve, reject }));
    if (!('error' in end)) return Promise.resolve({ done: true, value: undefined });
    this.end = {}; // it is told once
    return Promise.reject(end.error);
  }

  /** Ends the job: `for await` calls it when its loop is left early. */
  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.arrived.length = 0;
    this.close({});
    await this.host.readEnough();
    return { done: true, value: undefined };
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
    this.grant();
    reader.resolve({ done: false, value });
  }

  /** No more will come. What has arrived can still be read, and then what the job has thrown is told. */
  close(end: { readonly error?: unknown }): void {
    if (this.end !== undefined) return;
    this.end = end;
    for (const reader of this.readers.splice(0)) this.next().then(reader.resolve, reader.reject);
  }

  /** The job was ended before it was done: what has arrived is not read any more. */
  fail(error: unknown): void {
    if (this.end === undefined) this.arrived.length = 0;
    this.close({ error });
  }

  private grant(): void {
    this.ungranted++;
    if (this.ungranted < this.bound / 2) return;
    this.host.read(this.ungranted);
    this.ungranted = 0;
  }
}

/** A pool under measurement, behind the narrowest common surface. */
export interface Contender {
  acquire(): Promise<unknown>;
  release(held: unknown): unknown;
  /** Only where the pool can: a synchronous loan. */
  tryAcquire?(): unknown;
  /** Only where the pool can: a loan that the caller could abort. */
  acquireWithSignal?(signal: AbortSignal): Promise<unknown>;
  close(): Promise<unknown>;
}

export interface ContenderOptions {
  max: number;
  /** Most milliseconds for an acquire; undefined for the pool's way of having no deadline, if it has one. */
  timeout?: number;
}

export interface ContenderEntry {
  name: string;
  /** What a limit is, and not a pool that anybody could use. */
  limit?: true;
  open(options: ContenderOptions): Contender;
}

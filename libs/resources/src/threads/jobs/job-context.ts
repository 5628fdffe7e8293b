/** What a worker's function is told besides its input. */
export interface JobContext<Carried = unknown> {
  /**
   * Aborted when nobody wants the result any more. Its `aborted` is read from memory that both threads share, so that it is true even in a
   * loop that never yields; its event comes when the function yields, or asks. `reason` is an `AbortError`, or a `TimeoutError` when the
   * deadline has passed.
   */
  readonly signal: AbortSignal;
  /** What `carry` of the processor's options returned for whoever asked for the job; `undefined` without it. */
  readonly carried: Carried;
  /**
   * Marks a result, or an item, some of whose parts are to be moved to the other thread instead of being copied.
   *
   * @param parts ArrayBuffers, ports, streams: whatever can be transferred
   * @returns the value, to be returned or yielded at once
   */
  transfer<V>(value: V, parts: readonly object[]): V;
}

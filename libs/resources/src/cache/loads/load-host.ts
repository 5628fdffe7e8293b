/** Finds in a request what tells it from others, such as its tenant. */
export type KeyFunction = (context: never) => string;

/** What is known of an entry besides its key. */
export interface LoadOrigin {
  /** For people: `Prices.price`. */
  readonly place: string;
  /** What it depends on in the request: what each key function has found there. It is part of the entry's key. */
  readonly by: ReadonlyMap<KeyFunction, string>;
}

/** The room of a cache that lends, for which a load may have to wait. */
export interface Room {
  /** The cache's name. */
  readonly type: string;
  /** Leases that are out when room can come of nothing else than their end, a count; `undefined` when it can. */
  readonly leasesOfFull: number | undefined;
}

/** Waits for a load, until the signal is aborted if one is given. */
export type LoadWait<R> = (signal: AbortSignal | undefined) => Promise<R>;

/** One load, for the callers that wait for it. */
export interface HostedLoad {
  /** Runs it, within the neutral ground. What it has borrowed goes back when it has settled, whoever still waits. */
  run<R>(load: () => R | PromiseLike<R>): Promise<R>;
  /** Waits for it on behalf of the code now running. */
  wait<R>(wait: LoadWait<R>): Promise<R>;
}

/**
 * Where a cache's loads run. It exists because a load is nobody's: what it brings serves every caller, so it must
 * not see, use or depend on the request that happened to ask first.
 */
export interface LoadHost {
  /**
   * Called when a load becomes necessary, in the context of whoever asked.
   *
   * @param place for people, unless the origin has one
   * @param room that it may have to wait for
   */
  begin(place: string, origin: LoadOrigin | undefined, room: Room | undefined): HostedLoad;
}

/** The host of a cache that stands alone: there are no scopes. */
export const LONE_HOST: LoadHost = {
  begin: () => ({ run: async (load) => await load(), wait: (wait) => wait(undefined) }),
};

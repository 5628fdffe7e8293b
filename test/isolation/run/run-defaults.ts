/** Apart from `run.ts`, which loads the library. */
export const DEFAULT_RUN = {
  seed: 1,
  requests: 20_000,
  clients: 64,
  size: 2_000,
  from: 0,
  keepGoing: false,
} as const;

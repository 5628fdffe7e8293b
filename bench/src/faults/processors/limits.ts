/** Milliseconds and counts of a cell, the same for every contender that can be told. */
export const LIMITS = {
  threads: 2,
  /** Shorter than a job. */
  deadline: 150,
  /** Of a shutdown: longer than a job. */
  drain: 2_000,
  megabytes: 24,
} as const;

/** Milliseconds that a job takes before it comes to its end. */
export const JOB = 200;

/** Milliseconds in which whatever happens must be over; generous, because the machine may be busy. */
export const BOUND = 5_000;

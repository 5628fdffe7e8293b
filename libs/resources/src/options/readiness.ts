import type { OptionReader } from './option-reader.js';

const ALL = ['required', 'ignored'] as const;

/** Whether the application is not ready while nothing of a resource type works. */
export type Readiness = (typeof ALL)[number];

export const DEFAULT_READINESS: Readiness = 'required';

/** @throws InvalidOptionsError when it is neither */
export function readReadiness(read: OptionReader, readiness: Readiness | undefined): Readiness {
  return read.oneOf('readiness', readiness, ALL, DEFAULT_READINESS);
}

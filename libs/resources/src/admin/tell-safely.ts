import { describeCause, isError } from '../words/describe-cause.js';

/** A cause for an operator's eyes: what looks like a secret in it is left out. */
export function tellSafely(cause: unknown): string {
  return describeCause(cause);
}

/** @returns the JSON of an answer, on one line @throws what a value throws that can't be written */
export function answerJson(answer: unknown): string {
  return JSON.stringify(answer, (_, value: unknown) => {
    if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)))
      return String(value);
    return isError(value) ? tellSafely(value) : value;
  });
}

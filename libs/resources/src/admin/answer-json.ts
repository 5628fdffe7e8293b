import { describeCause, isError } from '../words/describe-cause.js';

/** @returns the JSON of an answer, on one line @throws what a value throws that can't be written */
export function answerJson(answer: unknown): string {
  return JSON.stringify(answer, (_, value: unknown) => {
    if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)))
      return String(value);
    return isError(value) ? describeCause(value) : value;
  });
}

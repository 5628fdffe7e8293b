import { describeCause, isError } from '../words/describe-cause.js';

/** A name that is a secret's, with what stands after it. */
const NAMED =
  /([\w-]*(?:passw|passphrase|pwd|secret|token|api[-_]?key|credential|authorization)[\w-]*["']?\s*[=:]\s*)("[^"]*"|'[^']*'|\S+)/gi;
const SCHEME = /\b(Bearer|Basic)\s+\S+/gi;
/** The part of an address that says who asks, also where the text was cut in the middle of it. */
const IN_ADDRESS = /(:\/\/)(?:\S*@|\S*…$)/g;
/** And the part that says how. */
const QUERY = /(:\/\/[^\s?]*\?)\S+/g;

/** A cause for an operator's eyes: what looks like a secret in it is left out. Drivers quote addresses, with the password, in their messages. */
export function tellSafely(cause: unknown): string {
  return describeCause(cause)
    .replaceAll(IN_ADDRESS, '$1***@')
    .replaceAll(QUERY, '$1***')
    .replaceAll(SCHEME, '$1 ***')
    .replaceAll(NAMED, '$1***');
}

/** @returns the JSON of an answer, on one line @throws what a value throws that can't be written */
export function answerJson(answer: unknown): string {
  return JSON.stringify(answer, (_, value: unknown) => {
    if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)))
      return String(value);
    return isError(value) ? tellSafely(value) : value;
  });
}

import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { describeValue } from '../words/describe-value.js';

/** Most characters of a claim. */
const LONGEST_CLAIM = 200;

/** Who says to ask for a change, for the history. @throws InvalidOptionsError */
export function readClaim(by: unknown): string | undefined {
  if (by === undefined || (typeof by === 'string' && by.length <= LONGEST_CLAIM)) return by;
  const given = typeof by === 'string' ? `${by.length} characters` : describeValue(by);
  throw new InvalidOptionsError('by', `must be a text of at most ${LONGEST_CLAIM} characters; got ${given}.`);
}

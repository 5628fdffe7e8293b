import type { Keyv } from 'keyv';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { describeCause } from '../../words/describe-cause.js';

/** The version that works, as npm reads it. */
const GOOD_VERSION = 'keyv@^5.6.0';
const PROBE = 'nestjs-resources:probe';

/**
 * Proves that a Keyv answers `get(key, { raw: true })` with the value and its end of life. cache-manager's `wrap` and
 * `ttl` and the copies from a secondary store rest on it; Keyv 6 has dropped it without a word, and then
 * nothing is ever found. What looks like the Keyv that this library brings, of whatever copy, needs no proof by writing.
 *
 * @param option where it stands, for the error
 * @throws InvalidOptionsError that names the version to install
 */
export async function checkKeyv(keyv: Keyv, option: string): Promise<void> {
  let problem: string;
  try {
    if (isOfVersionFive(keyv)) return;
    await keyv.set(PROBE, PROBE, 60_000);
    const raw: unknown = await keyv.get(PROBE, { raw: true });
    await keyv.delete(PROBE);
    if (typeof raw === 'object' && raw !== null && (raw as { value?: unknown }).value === PROBE) return;
    problem = 'its get(key, { raw: true }) does not answer with { value, expires }';
  } catch (error) {
    problem = `it failed: ${describeCause(error)}`;
  }
  throw new InvalidOptionsError(
    option,
    `is a Keyv that cannot be used: ${problem}. Install the version that works: npm install ${GOOD_VERSION}`,
  );
}

/** Since 5.5, Keyv has `getRaw`; since 6, `setRaw`, and its `get` gives no raw answers. */
function isOfVersionFive(keyv: Keyv): boolean {
  return typeof keyv.getRaw === 'function' && !('setRaw' in keyv);
}

/** Most errors that one has behind it, a count: a chain of causes may be a ring. */
const MOST = 20;

/**
 * To be called with an error that is kept. Until its stack is first read, the engine keeps the objects and closures that
 * were at work when it was made, and so the request of whoever asked; once it is text, nothing. Looks at what stands behind
 * it, too, and trusts nothing that was thrown.
 */
export function forgetFrames(error: unknown): void {
  const behind = [error];
  for (let seen = 0; seen < MOST && behind.length > 0; seen++) {
    const next = behind.shift();
    if (typeof next !== 'object' || next === null) continue;
    try {
      const { cause, errors, stack: _ } = next as Partial<AggregateError>; // read from whatever it is
      behind.push(cause);
      if (Array.isArray(errors)) behind.push(...errors.slice(0, MOST));
    } catch {
      // Not an error of the engine's: it keeps no frames, or nothing can be done about it.
    }
  }
}

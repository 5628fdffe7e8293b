/** What work fails with, thrown at once or rejected. Fails when it does not fail. */
export async function failureOf(work: PromiseLike<unknown> | (() => unknown)): Promise<unknown> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error;
  }
  throw new Error('It was expected to fail, and did not.');
}

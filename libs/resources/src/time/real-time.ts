/**
 * Waits in real time: a test's fake timers replace `setTimeout` and all its relatives, wherever they are imported from, but not this.
 *
 * @param ms milliseconds
 * @param holds whether the process may not end meanwhile
 */
export function realTime(ms: number, holds = true): Promise<void> {
  const { port1: hold } = new MessageChannel();
  if (holds) hold.ref(); // the signal's timer would let the process end
  return new Promise((resolve) => {
    AbortSignal.timeout(ms).addEventListener('abort', () => {
      hold.close();
      resolve();
    });
  });
}

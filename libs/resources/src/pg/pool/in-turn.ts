import type { Clock } from '../../time/clock.js';

/**
 * Waits for a turn, but not for ever.
 *
 * @param host `timeout` in milliseconds
 * @param take waits for it, and is told by `begins` whether it is still wanted then
 * @throws what `tooLong` makes; what `take` throws
 */
export function inTurn<R>(
  { clock, timeout }: { clock: Clock; timeout: number },
  take: (begins: () => boolean) => Promise<R | undefined>,
  tooLong: () => Error,
): Promise<R> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const timer = clock.setTimeout(() => {
      isOver = true;
      reject(tooLong());
    }, timeout);
    const begins = (): boolean => {
      clock.clearTimeout(timer);
      return !isOver;
    };
    const failed = (error: Error): void => {
      clock.clearTimeout(timer);
      reject(error);
    };
    void take(begins).then((result) => resolve(result as R), failed); // what is not wanted any more was rejected
  });
}

import type { Clock, ClockTimer } from '../../time/clock.js';
import { tellDuration } from './text-table.js';

/** Milliseconds. */
const FIRST = 1_000;
const NEXT = 10_000;

/**
 * Says on stderr that a command is still being done, once after a second and then every ten.
 *
 * @param what the command's name
 */
export async function withProgress<R>(
  what: string,
  clock: Clock,
  write: (line: string) => void,
  work: () => Promise<R>,
): Promise<R> {
  const start = clock.now();
  let timer: ClockTimer;
  const say = (): void => {
    write(`${what}: still at it after ${tellDuration(clock.now() - start)}`);
    timer = clock.setTimeout(say, NEXT);
  };
  timer = clock.setTimeout(say, FIRST);
  try {
    return await work();
  } finally {
    clock.clearTimeout(timer);
  }
}

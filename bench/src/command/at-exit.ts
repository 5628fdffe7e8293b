import { constants } from 'node:os';

const works = new Set<() => void>();

/**
 * Runs work when this process ends, however it does: by itself, by an error, by Ctrl-C or a signal. The latest
 * comes first.
 *
 * @param work synchronous, because nothing else runs then
 */
export function atExit(work: () => void): void {
  if (works.size === 0) listen();
  works.add(work);
}

function listen(): void {
  process.once('exit', () => {
    for (const work of [...works].toReversed()) work();
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

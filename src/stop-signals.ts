/** `npm start` passes on a Ctrl-C that the terminal has already sent to everybody: that is one wish, not two. */
const ECHO_PERIOD = 100;

/** Calls `stop` at the first signal, and `stopAtOnce` when somebody insists. */
export function onStopSignals(stop: () => void, stopAtOnce: () => void): void {
  let firstAt: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (firstAt === undefined) {
        firstAt = performance.now();
        stop();
      } else if (performance.now() - firstAt > ECHO_PERIOD) {
        stopAtOnce();
      }
    });
  }
}

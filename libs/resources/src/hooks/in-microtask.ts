/** Calls `work` when the code now running has ended. `queueMicrotask` does, too, unless a test's fake timers hold it back. */
export function inMicrotask(work: () => void): void {
  void Promise.resolve().then(work);
}

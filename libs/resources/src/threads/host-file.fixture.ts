/** A thread can't run what Jest compiles: in tests it gets the module as it was built. */
export const HOST_FILE = new URL('../../dist/threads/worker/load-host.cjs', import.meta.url);

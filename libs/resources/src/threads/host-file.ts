/** URL of what loads the module that runs in every processor's thread. */
export const HOST_FILE = new URL('./worker/load-host.cjs', import.meta.url);

/** URL of the module that runs in every processor's thread. */
export const HOST_FILE = new URL('./worker/host.js', import.meta.url);

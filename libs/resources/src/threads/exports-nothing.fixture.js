// A worker module for tests that has nothing to run.
export const title = 'text';

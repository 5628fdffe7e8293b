// A worker module for tests: each job begins, waits for a moment, and then comes to its end in its own way.
import { setTimeout as delay } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';

/** Milliseconds. */
const MOMENT = 200;

class ReportError extends Error {
  name = 'ReportError';
}

const begin = async (began) => {
  Atomics.store(began, 0, 1);
  await delay(MOMENT);
};

export const returns = async (began) => {
  await begin(began);
  return 'result';
};
export const throws = async (began) => {
  await begin(began);
  throw new ReportError('no paper');
};
export const rejectsWithText = async (began) => {
  await begin(began);
  return await Promise.reject('no paper');
};
export const loops = async (began) => {
  Atomics.store(began, 0, 1);
  for (;;);
};
export const exits = async (began) => {
  await begin(began);
  process.exit(3);
};
export const usesMemory = async (began) => {
  await begin(began);
  const kept = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, Math.random));
};
export const returnsFunction = async (began) => {
  await begin(began);
  return () => 1;
};
export const postsGarbage = async (began) => {
  await begin(began);
  for (const garbage of [undefined, 'garbage', { kind: 'end', job: 1 }]) parentPort.postMessage(garbage);
  return 'result';
};

/** Of a caller beside the one whose job comes to a bad end. */
export const beside = async () => {
  await delay(MOMENT);
  return 'well';
};

export const bytes = (_, job) => {
  const made = new Uint8Array(5);
  return job.transfer(made, [made.buffer]);
};
export async function* rows(count) {
  for (let row = 0; row < count; row++) yield row;
}

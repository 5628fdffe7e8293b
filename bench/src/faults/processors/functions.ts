import { setTimeout as delay } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { JOB } from './limits.js';

/*
 * What runs in the threads of all contenders: each job says that it has begun, waits for a moment, and then comes to its end in its own way.
 */
class ReportError extends Error {
  override name = 'ReportError';
}

async function begin(began: Int32Array): Promise<void> {
  Atomics.store(began, 0, 1);
  await delay(JOB);
}

export async function returns(began: Int32Array): Promise<string> {
  await begin(began);
  return 'result';
}

export async function throws(began: Int32Array): Promise<never> {
  await begin(began);
  throw new ReportError('no paper');
}

export async function rejectsWithText(began: Int32Array): Promise<never> {
  await begin(began);
  return await Promise.reject('no paper');
}

export function loops(began: Int32Array): never {
  Atomics.store(began, 0, 1);
  for (;;);
}

export async function exits(began: Int32Array): Promise<never> {
  await begin(began);
  process.exit(3);
}

export async function usesMemory(began: Int32Array): Promise<never> {
  await begin(began);
  const kept: unknown[] = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, Math.random));
}

export async function returnsFunction(began: Int32Array): Promise<() => number> {
  await begin(began);
  return () => 1;
}

export async function postsGarbage(began: Int32Array): Promise<string> {
  await begin(began);
  for (const garbage of [undefined, 'garbage', { kind: 'end', job: 1 }]) parentPort?.postMessage(garbage);
  return 'result';
}

/** Of another caller. */
export async function beside(): Promise<string> {
  await delay(JOB);
  return 'well';
}

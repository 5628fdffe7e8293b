// A worker module for tests, in JavaScript: threads load it as it stands.
import { parentPort, threadId } from 'node:worker_threads';
import { setTimeout as delay } from 'node:timers/promises';

class ReportError extends Error {
  code = 'REPORT';
  details = { page: 3 };
  callback = () => 'lost';
}

let calls = 0;
let kept;
let returned = 0;

export const echo = (input) => input;
export const thread = () => threadId;
export const count = () => ++calls;
export const carried = (_, job) => job.carried;
export const nothing = () => undefined;
export const sum = async (numbers) => {
  await delay(1);
  return numbers.reduce((total, number) => total + number, 0);
};
export const thenable = () => ({
  // oxlint-disable-next-line unicorn/no-thenable -- whatever awaits it gets a value
  then: (resolve) => resolve('then'),
});

export const fails = () => {
  throw new ReportError('no paper', { cause: new TypeError('no tray') });
};
export const rejectsWith = (value) => Promise.reject(value);
export const rejectsWithFunction = () => Promise.reject(() => 1);

/** Busy until its signal tells it, without ever yielding. */
export const busyUntilAborted = (seen, job) => {
  if (seen) Atomics.store(seen, 0, 1);
  while (!job.signal.aborted);
  if (seen) Atomics.store(seen, 1, 1);
  return job.signal.reason.name;
};
export const untilEvent = (seen, job) =>
  new Promise((resolve) => {
    job.signal.addEventListener('abort', () => {
      Atomics.store(seen, 1, 1);
      resolve(job.signal.reason.name);
    });
    Atomics.store(seen, 0, 1);
  });
export const keepsSignal = (_, job) => {
  kept = job.signal;
};
/** Writes 1 when it alone is aborted, and 2 if that whose signal was kept is, too. */
export const ownIsAborted = (seen, job) => {
  while (!job.signal.aborted);
  Atomics.store(seen, 0, kept.aborted ? 2 : 1);
};
export const throwsIfAborted = (seen, job) => {
  Atomics.store(seen, 0, 1);
  for (;;) job.signal.throwIfAborted();
};
export const loops = (seen) => {
  if (seen) Atomics.store(seen, 0, 1);
  for (;;);
};
export const waits = (seen) => {
  if (seen) Atomics.store(seen, 0, 1);
  return new Promise(() => setInterval(() => undefined, 1_000));
};

export const exits = (code) => {
  process.stderr.write('first line\nlast line\n');
  process.exit(code);
};
export const throwsLater = () => {
  setTimeout(() => {
    throw new ReportError('nobody catches this');
  }, 1);
  return new Promise(() => undefined);
};
/** What nobody catches goes to a listener, and the thread goes on. */
export const throwsToListener = (text) =>
  new Promise((resolve) => {
    process.once('uncaughtException', () => resolve(text));
    setTimeout(() => {
      throw new Error(text);
    }, 1);
  });
export const throwsWhenIdle = () => {
  setTimeout(() => {
    throw new Error('left behind');
  }, 20);
};
export const usesMemory = () => {
  const kept = [];
  for (;;) kept.push(Array.from({ length: 100_000 }, Math.random));
};
export const returnsFunction = () => () => 1;
export const postsGarbage = (input) => {
  parentPort.postMessage({ kind: 'item', job: 1, value: 'garbage' });
  parentPort.postMessage(undefined);
  parentPort.postMessage('_WORKER_READY');
  return input;
};

/** Counts what it has made in memory that both threads share. */
export async function* rows(to, { signal }) {
  try {
    for (let row = 0; row < to; row++) {
      if (signal.aborted) return;
      yield row;
    }
  } finally {
    returned++;
  }
}
export async function* counted(made) {
  for (;;) {
    Atomics.add(made, 0, 1);
    yield Atomics.load(made, 0);
  }
}
export async function* failsAfter(items) {
  for (let item = 0; item < items; item++) yield item;
  throw new RangeError('out of rows');
}
export async function* crashesAfter(items) {
  for (let item = 0; item < items; item++) yield item;
  await delay(20);
  process.exit(7);
}
export async function* yieldsFunction() {
  yield 1;
  yield () => 1;
}
export async function* loopsAfterOne(seen) {
  yield 1;
  Atomics.store(seen, 0, 1);
  for (;;);
}
/** Its end is as true as `true`, to whoever iterates. */
export const endsByCount = () => {
  let left = 3;
  const next = async () => ({ value: left, done: left-- > 0 ? 0 : 1 });
  return { [Symbol.asyncIterator]: () => ({ next }) };
};
export const returnedEarly = () => returned;

export const bytes = (length, job) => {
  const made = new Uint8Array(length).fill(7);
  return job.transfer(made, [made.buffer]);
};
export async function* chunks(count, job) {
  for (let index = 0; index < count; index++) {
    const chunk = new Uint8Array(8).fill(index);
    yield job.transfer(chunk, [chunk.buffer]);
  }
}
export const readable = async (stream) => {
  let text = '';
  for await (const part of stream) text += part;
  return text;
};
export const environment = () => ({ LEVEL: process.env.LEVEL, execArgv: process.execArgv });

export const notAFunction = 'text';

import { getHeapStatistics } from 'node:v8';
import { copyFailure } from '../jobs/copied-failure.js';
import {
  type Answer,
  type Closing,
  CPU,
  type FromThread,
  HEAP,
  type JobMessage,
  type Preparation,
  type Prepared,
  type ToThread,
} from '../protocol.js';
import { flagAt } from '../jobs/job-flag.js';
import { compileTypeScript } from './compile-typescript.js';
import { isAsyncIterable } from './is-async-iterable.js';
import { contextOf, type WorkerContext } from './worker-context.js';
import { WorkerJob } from './worker-job.js';

/** A function that a worker module exports. */
type WorkerFunction = (input: unknown, context: WorkerJob['context']) => unknown;

/** What Node 23 and later call all that a CommonJS module exports, besides `default`. */
const COMMONJS = 'module.exports';

const functions = new Map<string, WorkerFunction>();
const jobs = new Map<number, WorkerJob>();
let preparation: Preparation | undefined;
let context: WorkerContext | undefined;

/**
 * What runs in every processor's thread: it loads the worker module, and runs the functions that it exports. What they throw goes back as an
 * answer; whatever else is thrown in the thread ends it.
 */
export default async function perform(message: Preparation | JobMessage | Closing): Promise<Answer> {
  try {
    return await answer(message);
  } catch (thrown) {
    return { kind: 'threw', failure: copyFailure(thrown) };
  }
}

/** Node 20 has none. */
const { threadCpuUsage } = process as { threadCpuUsage?: () => { user: number; system: number } };

async function answer(message: Preparation | JobMessage | Closing): Promise<Answer> {
  if (message.kind === 'prepare') return await prepare(message);
  if (message.kind === 'job') return await run(message);
  await context?.close();
  return { kind: 'returned', value: undefined };
}

function tellUsage(): void {
  if (preparation === undefined) return;
  const { usage } = preparation;
  usage[HEAP] = getHeapStatistics().used_heap_size;
  if (threadCpuUsage === undefined) return;
  const { user, system } = threadCpuUsage.call(process);
  usage[CPU] = user + system;
}

async function prepare(given: Preparation): Promise<Answer> {
  const { file, typescript, port } = given;
  preparation = given;
  port.on('message', told);
  process.on('uncaughtExceptionMonitor', (thrown) => {
    if (!isCaught()) port.postMessage({ kind: 'thrown', failure: copyFailure(thrown) } satisfies FromThread);
  });
  if (typescript) compileTypeScript(file);
  const module = (await import(file)) as Record<string, unknown>; // what it exports is looked at below
  for (const from of [module['default'], module]) {
    if (typeof from !== 'object' || from === null) continue;
    for (const [name, exported] of Object.entries(from))
      if (typeof exported === 'function' && name !== COMMONJS && !isClass(exported))
        functions.set(name, exported as WorkerFunction); // any is tried
  }
  context = contextOf(functions);
  await context?.start(functions);
  const prepared: Prepared = { functions: [...functions.keys()], closes: context !== undefined };
  return { kind: 'returned', value: prepared };
}

async function run(message: JobMessage): Promise<Answer> {
  const perform = functions.get(message.name);
  if (perform === undefined || preparation === undefined)
    throw new TypeError(`the worker has no function ${message.name}`);
  const { flags, port, highWaterMark } = preparation;
  const job = new WorkerJob(message, flagAt(flags, message.flag), port, highWaterMark);
  jobs.set(message.job, job);
  let goesOn = false;
  let result: unknown;
  try {
    if (job.stopped) job.signal.throwIfAborted(); // what tells it so may have come before it
    result = await perform(message.input, job.context);
    if (isAsyncIterable(result)) {
      goesOn = true;
      void sendAll(message.job, job, result); // answered at once: a task that is not keeps the process, and nobody may read on
      return { kind: 'sent' };
    }
  } finally {
    if (!goesOn) over(message.job, job); // before anybody hears of it, and gives its flag to another job
  }
  return job.sendResult(result) ? { kind: 'sent' } : { kind: 'returned', value: result };
}

function over(number: number, job: WorkerJob): void {
  jobs.delete(number);
  job.ended();
  tellUsage();
}

async function sendAll(number: number, job: WorkerJob, items: AsyncIterable<unknown>): Promise<void> {
  const failure = await job.sendItems(items).then(() => undefined, copyFailure);
  over(number, job);
  job.sendEnd(failure);
}

function told(message: ToThread): void {
  const job = jobs.get(message.job);
  if (message.kind === 'credit') job?.grant(message.count);
  else job?.look();
}

/** Whether what nobody has caught goes to a listener, and ends no thread, unless that throws. */
function isCaught(): boolean {
  return process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback();
}

/** Nobody can call it, whoever exports it. A method such as `classify() {}` has no prototype, and that of a class is for good. */
function isClass(exported: NewableFunction): boolean {
  const prototype = Object.getOwnPropertyDescriptor(exported, 'prototype');
  return prototype?.writable === false && Function.prototype.toString.call(exported).startsWith('class');
}

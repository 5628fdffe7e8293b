import { fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Round } from '../plan/plan.js';
import type { RunOptions } from '../run/run.js';
import type { Invariant, Violation } from '../watch/violation.js';

/** What one process does. */
export interface Job {
  /** Folder of the library's package. Default: this checkout's. */
  readonly library?: string;
  readonly run: RunOptions;
  /** A plan that was kept, instead of those of the seed; played so many times. */
  readonly replay?: { readonly round: Round; readonly times: number };
  /** Faults of old that are looked for: the run ends when all are found. */
  readonly until?: readonly string[];
  /** Whether to make the plan of a failure smaller. */
  readonly shrink: boolean;
}

/** A failure that was made smaller. */
export interface Shrunk {
  readonly round: Round;
  readonly invariant: Invariant;
  /** In how many repetitions of how many it came again. */
  readonly came: number;
  readonly of: number;
  readonly journal: readonly string[];
}

export interface JobReport {
  readonly requests: number;
  readonly seconds: number;
  readonly counts: readonly (readonly [Invariant, number])[];
  readonly violations: readonly Violation[];
  readonly failed?: { readonly round: Round; readonly journal: readonly string[] };
  readonly shrunk?: Shrunk;
}

export type Message =
  | {
      readonly kind: 'progress';
      readonly done: number;
      readonly seconds: number;
      readonly violations: number;
    }
  | { readonly kind: 'report'; readonly report: JobReport };

export interface JobListener {
  progress?(message: Extract<Message, { kind: 'progress' }>): void;
}

/** Built, or TypeScript as it stands. */
const KIND = extname(import.meta.url);
const PROCESS = fileURLToPath(new URL(`job-process${KIND}`, import.meta.url));
const FLAGS = ['--no-warnings'];
if (KIND === '.ts') FLAGS.push('--import', new URL('../../typescript/register.js', import.meta.url).href);

/** Most milliseconds without a sign of life: a broken library may wait, or run in circles, for ever. */
const PATIENCE = 300_000;

/**
 * Runs a job in a process of its own: a library can be loaded once, and a broken one may not end.
 *
 * @throws Error when the process ends, or has to be ended, without a report
 */
export async function runJob(
  job: Job,
  { progress }: JobListener = {},
  execPath = process.execPath,
): Promise<JobReport> {
  const child = fork(PROCESS, {
    execPath,
    execArgv: FLAGS,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const watchdog = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  let report: JobReport | undefined;
  child.on('message', (message: Message) => {
    watchdog.refresh();
    if (message.kind === 'progress') progress?.(message);
    else report = message.report;
  });
  child.send(job);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(watchdog);
  if (report === undefined)
    throw new Error(`the run ended with ${signal ?? `code ${String(code)}`}, and without a report`);
  return report;
}

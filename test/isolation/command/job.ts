import { fork } from 'node:child_process';
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

const PROCESS = fileURLToPath(new URL('job-process.js', import.meta.url));

/** Runs a job in a process of its own: a library can be loaded once, and a broken one may not end. */
export function runJob(
  job: Job,
  { progress }: JobListener = {},
  execPath = process.execPath,
): Promise<JobReport> {
  return new Promise((resolve, reject) => {
    let report: JobReport | undefined;
    const child = fork(PROCESS, {
      execPath,
      execArgv: ['--no-warnings'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.on('message', (message: Message) => {
      if (message.kind === 'progress') progress?.(message);
      else report = message.report;
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (report === undefined)
        reject(new Error(`the run ended with ${signal ?? `code ${String(code)}`}, and no report`));
      else resolve(report);
    });
    child.send(job);
  });
}

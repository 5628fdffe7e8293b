import { describeCause } from '../../words/describe-cause.js';
import { describeName } from '../../words/describe-name.js';
import { ResourceError } from '../resource-error.js';

/** Most characters of stderr that the message tells. */
const LONGEST_OUTPUT = 500;

/** How a processor's thread came to its end. */
export interface ThreadEnd {
  /** What was thrown in it that nobody caught, if that is known. */
  readonly cause?: unknown;
  /** `undefined` if the thread has not told. */
  readonly exitCode?: number;
  /** The last lines that its code wrote to stderr, the oldest first. V8 writes of an exhausted heap elsewhere. */
  readonly stderr: readonly string[];
}

/**
 * A processor's thread came to an end that nobody had asked for: it called `process.exit`, threw where nobody catches, used up its memory,
 * or returned what can't be sent. What the job had done by then is unknown, so it is not run again by itself.
 */
export class ProcessorCrashedError extends ResourceError {
  /** Nobody knows what a job that crashed has done, so nothing here tries it again. */
  readonly retryable = false;
  readonly exitCode: number | undefined;
  /** The last lines that the thread's code wrote to stderr, the oldest first; raw, as they were written. */
  readonly stderr: readonly string[];

  /**
   * @param type the processor's resource type, if it is known
   * @param job name of the worker's function that ran; `undefined` when none did
   */
  constructor(
    type: string | undefined,
    readonly job: string | undefined,
    { cause, exitCode, stderr }: ThreadEnd,
  ) {
    const processor = type === undefined ? 'A processor' : `Processor "${describeName(type)}"`;
    const during = job === undefined ? '' : ` while it ran "${describeName(job)}"`;
    const why = cause === undefined ? 'its thread ended by itself' : describeCause(cause);
    const code = exitCode === undefined ? '' : ` (exit code ${exitCode})`;
    const last = stderr.length === 0 ? '' : ` Its last words: ${describeCause(lastOf(stderr))}`;
    super(
      `${processor} crashed${during}: ${why}${code}. ` +
        `What the job had done is unknown; it is not run again. Another thread takes the place of this one.${last}`,
      { type, cause },
    );
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

function lastOf(lines: readonly string[]): string {
  return lines.join('\n').slice(-LONGEST_OUTPUT);
}

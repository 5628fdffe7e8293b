import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { checkSignal, withOwnSignal } from '../../hooks/abort-signals.js';
import { followSignal, type SignalFollower, unfollowSignal } from '../../hooks/follow-signal.js';
import { workOverOf } from '../../hooks/work-over.js';
import { readCallersOptions } from '../../options/callers-options.js';
import { OptionReader } from '../../options/option-reader.js';
import type { Lease } from '../../pool/leases/lease.js';
import type { BorrowOptions } from '../../scopes/borrow-options.js';
import { openScopeOf } from '../../scopes/current-scope.js';
import type { LeaseScope } from '../../scopes/lease-scope.js';
import { UseWork } from '../../scopes/use-work.js';
import type {
  JobArguments,
  JobName,
  JobOptions,
  JobResult,
  ProcessorThread,
} from '../../threads/jobs/job-types.js';
import { describeValue } from '../../words/describe-value.js';
import { Lending } from '../lending.js';
import type { ResourceOf, ResourceTypeName } from '../resource-types.js';

/** What one job may ask for, besides its input. Its `timeout` holds for all of it: waiting for a processor, and the work. */
export interface ProcessOptions extends Omit<BorrowOptions, 'separate' | 'timeout' | 'signal'>, JobOptions {}

/** What a processor's resource type says of its worker: the types of the functions that it exports. Of another type, there are none. */
export type WorkerOf<K> =
  unknown extends ResourceOf<K> ? unknown : ResourceOf<K> extends ProcessorThread<infer W> ? W : null;

/** What a job is asked of: a processor, or whatever a test has put in its place. */
interface Runs {
  run(name: string, input: unknown, options: JobOptions | undefined): Promise<unknown>;
}

const NAMES = ['signal', 'timeout', 'transfer', 'key', 'owner', 'tenant', 'priority', 'reserve'] as const;

/**
 * How a coordinator's processors are given jobs: lend, run, give back. It exists so that this is read apart from borrowing, on which it is
 * built.
 */
export abstract class Processing extends Lending {
  /**
   * Runs one function of a processor's worker, in a processor that nobody else has meanwhile. In a scope, it is another one than that of the
   * scope's own lease, and the scope stays open until the function has returned. Of an iterable result, the processor is lent until the last
   * item was sent, or the scope's end.
   *
   * @param type of the processor
   * @param name under which the worker exports the function
   * @throws what the function throws, what {@link acquire} throws, and what `Processor.run` does
   */
  process<K extends ResourceTypeName, N extends JobName<WorkerOf<K>>>(
    type: K,
    name: N,
    ...args: JobArguments<WorkerOf<K>, N, ProcessOptions>
  ): Promise<JobResult<WorkerOf<K>, N>>;
  async process(
    type: ResourceTypeName,
    name: string,
    input?: unknown,
    options?: ProcessOptions,
  ): Promise<unknown> {
    const { loan, job } = readProcessOptions(options, type);
    const scope = openScopeOf(this);
    const limit = job?.timeout ?? Infinity;
    const due = limit === Infinity ? Infinity : this.clock.now() + limit;
    scope?.enter();
    try {
      const lease = await withEither(job?.signal, scope?.abandoned, (signal) =>
        this.acquire(type, signal === undefined ? loan : { ...loan, signal }),
      );
      const left =
        due === Infinity ? job : { ...job, timeout: Math.max(1, Math.ceil(due - this.clock.now())) };
      return await this.runWith(scope, type, lease, (processor) => processor.run(name, input, left));
    } finally {
      scope?.leave();
    }
  }

  private async runWith(
    scope: LeaseScope | undefined,
    type: string,
    lease: Lease<unknown>,
    work: (processor: Runs) => Promise<unknown>,
  ): Promise<unknown> {
    let result: unknown;
    try {
      const { resource } = lease;
      if (!runs(resource))
        throw new InvalidOptionsError('type', `${describeValue(type)} has no processors to run a job.`, type);
      result = await (scope === undefined ? work(resource) : new UseWork(scope).run(() => work(resource)));
    } catch (error) {
      this.tellFailure(scope, type, lease, error);
      void lease.release(); // never rejects
      throw error;
    }
    const over = workOverOf(result);
    if (over === undefined) void lease.release();
    else void over.then(() => lease.release());
    return result;
  }

  /** The pool judges whether its resource is broken; in a scope, it knows the hold. */
  private tellFailure(
    scope: LeaseScope | undefined,
    type: string,
    lease: Lease<unknown>,
    error: unknown,
  ): void {
    if (lease.ended) return;
    if (scope === undefined)
      return this.lender.workFailed({ source: 'pool', type, key: undefined, lease }, error);
    const hold = scope.holds.all.findLast((each) => each.lends(lease.resource));
    if (hold !== undefined) scope.holds.workFailed(error, [hold]);
  }
}

/** {@link ProcessOptions} read: of the loan, and of the job, if it has some; its time in milliseconds. */
interface ProcessSettings {
  readonly loan: BorrowOptions;
  readonly job: (JobOptions & { readonly timeout: number }) | undefined;
}

const NOTHING_ASKED: ProcessSettings = { loan: { separate: true }, job: undefined };

/** @throws InvalidOptionsError naming the first option that cannot work */
function readProcessOptions(options: ProcessOptions | undefined, type: string): ProcessSettings {
  if (options === undefined) return NOTHING_ASKED;
  return readCallersOptions(options, type, (given) => {
    const read = new OptionReader('', type);
    const { signal, timeout, transfer, ...loan } = read.group('', given, NAMES);
    checkSignal(signal, type);
    const limit = read.span('timeout', timeout, Infinity);
    return {
      loan: { ...loan, separate: true, ...(limit !== Infinity && { timeout: limit }) },
      job: {
        timeout: limit,
        ...(signal !== undefined && { signal }),
        ...(transfer !== undefined && { transfer }),
      },
    };
  });
}

/** Runs work with a signal that is aborted as soon as one of the two is; with none, if there is none. */
async function withEither<R>(
  one: AbortSignal | undefined,
  other: AbortSignal | undefined,
  work: (either: AbortSignal | undefined) => Promise<R>,
): Promise<R> {
  if (one === undefined || other === undefined) return await work(one ?? other);
  return await withOwnSignal(one, async (own) => {
    const both = new AbortController();
    const signals = [own, other].filter((signal) => signal !== undefined);
    const follower: SignalFollower = { signalAborted: (reason) => both.abort(reason) };
    try {
      for (const signal of signals)
        if (signal.aborted) both.abort(signal.reason);
        else followSignal(signal, follower);
      return await work(both.signal);
    } finally {
      for (const signal of signals) unfollowSignal(signal, follower);
    }
  });
}

function runs(resource: unknown): resource is Runs {
  return (
    typeof resource === 'object' &&
    resource !== null &&
    'run' in resource &&
    typeof resource.run === 'function'
  );
}

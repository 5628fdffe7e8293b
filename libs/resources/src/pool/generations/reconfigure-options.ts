import type { GenerationStats } from '../../reports/generation-stats.js';
import { checkSignal } from '../../hooks/abort-signals.js';
import { readClaim } from '../../options/read-claim.js';
import { readCallersOptions } from '../../options/callers-options.js';
import { isGroup, OptionReader } from '../../options/option-reader.js';
import type { Duration } from '../../time/duration.js';

/** How a new generation, which another factory or other credentials begin, takes over from the one before. */
export interface ReconfigureOptions<T = unknown> {
  canary?: CanaryOptions<T>;
  /**
   * How long the new generation must prove itself while the old one's resources are kept, from 0, finite. Four times meanwhile, one of it is made
   * and proved anew. While the pool is paused, it doesn't count. Default 0.
   */
  bake?: Duration;
  /**
   * Whether to go back to the old generation; asked all along the bake, every twentieth of it, but at most once in 10 ms and at least once a second.
   * It must answer at once: what throws, or returns a promise, goes back, too. Default: never.
   */
  abortIf?: (stats: GenerationStats) => boolean;
  /**
   * Resources that there may be above `max` while there are two generations: a count from 0. It counts against a budget. Default 0: those of the
   * old generation give up their places.
   */
  overlap?: number;
  drain?: GenerationDrainOptions;
  /** Aborted before the new generation is in force for good, it goes back. */
  signal?: AbortSignal;
  /** Who asks for the change, for the history. Nobody checks it. At most 200 characters. */
  by?: string;
}

/** What must succeed before anybody borrows of a new generation. */
export interface CanaryOptions<T = unknown> {
  /** Resources that are created and validated first, one after the other: a count from 0, not above `max`. Default 1. */
  count?: number;
  /**
   * Whether such a resource works, in place of the factory's `validate`; within `validation.timeout`. `false`: not asked. Default: the factory's, if
   * it has one.
   */
  validate?: boolean | ((resource: T) => boolean | PromiseLike<boolean>);
  /** Most time for all of them, waiting for their places included. More than 0. Default `'1m'`. */
  timeout?: Duration;
}

/** How an old generation goes, when the new one has proved itself. */
export interface GenerationDrainOptions {
  /** The time over which its resources retire, from 0, finite. Default 0: the idle ones at once, the others when they come back. */
  spread?: Duration;
  /** A lease of it that is still held then is revoked, and its resource destroyed. At least `spread`. Default `Infinity`: none is. */
  deadline?: Duration;
}

/** {@link ReconfigureOptions} read; times in milliseconds. */
export interface ChangeSettings {
  readonly canary: {
    readonly count: number;
    readonly validate: boolean | ((resource: never) => unknown);
    readonly timeout: number;
  };
  readonly bake: number;
  readonly abortIf: ((stats: GenerationStats) => unknown) | undefined;
  readonly overlap: number;
  readonly drain: { readonly spread: number; readonly deadline: number };
  readonly signal: AbortSignal | undefined;
  readonly by: string | undefined;
  /** Those that were given, and that only a new generation obeys. */
  readonly given: readonly string[];
}

/** What only a new generation obeys. */
const NAMES = ['canary', 'bake', 'abortIf', 'overlap', 'drain', 'signal'];

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readReconfigureOptions<T>(options: ReconfigureOptions<T>, type?: string): ChangeSettings {
  const given = readCallersOptions(options, type, ({ ...all }) => ({
    ...all,
    canary: isGroup(all.canary) ? { ...all.canary } : all.canary,
    drain: isGroup(all.drain) ? { ...all.drain } : all.drain,
  }));
  const read = new OptionReader('', type);
  const { canary, bake, abortIf, overlap, drain, signal, by } = read.group('', given, [...NAMES, 'by']);
  checkSignal(signal, type);
  return {
    canary: readCanary(read, canary),
    bake: readFinite(read, 'bake', bake),
    abortIf: readAbortIf(read, abortIf, bake),
    overlap: read.count('overlap', overlap, 0, 0),
    drain: readDrain(read, drain),
    signal,
    by: readClaim(by),
    given: NAMES.filter((name) => given[name as keyof typeof given] !== undefined),
  };
}

/** @throws InvalidOptionsError when there can't be so many */
export function checkCanaries({ canary }: ChangeSettings, max: number, type: string): void {
  if (canary.count <= max) return;
  new OptionReader('', type).fail(
    'canary.count',
    `must not be above "max"; got count ${canary.count} and max ${max}.`,
  );
}

function readCanary<T>(read: OptionReader, given: CanaryOptions<T> | undefined): ChangeSettings['canary'] {
  const { count, validate = true, timeout } = read.group('canary', given, ['count', 'validate', 'timeout']);
  return {
    count: read.count('canary.count', count, 1, 0),
    validate: typeof validate === 'boolean' ? validate : (read.callback('canary.validate', validate) ?? true),
    timeout: read.span('canary.timeout', timeout, '1m'),
  };
}

function readDrain(read: OptionReader, given: GenerationDrainOptions | undefined): ChangeSettings['drain'] {
  const options = read.group('drain', given, ['spread', 'deadline']);
  const spread = readFinite(read, 'drain.spread', options.spread);
  const deadline = read.duration('drain.deadline', options.deadline, Infinity);
  if (deadline < spread) {
    read.fail('drain.deadline', `must not be shorter than "spread"; got ${deadline} and ${spread} ms.`);
  }
  return { spread, deadline };
}

function readAbortIf(
  read: OptionReader,
  given: ReconfigureOptions['abortIf'],
  bake: Duration | undefined,
): ReconfigureOptions['abortIf'] {
  const abortIf = read.callback('abortIf', given);
  if (abortIf !== undefined && (bake === undefined || read.duration('bake', bake, 0) === 0)) {
    read.fail('abortIf', 'needs "bake", the time in which it is asked.');
  }
  return abortIf;
}

function readFinite(read: OptionReader, option: string, value: Duration | undefined): number {
  const duration = read.duration(option, value, 0);
  if (duration === Infinity) read.fail(option, 'must be finite.');
  return duration;
}

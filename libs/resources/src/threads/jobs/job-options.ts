import { ReadableStream, TransformStream, WritableStream } from 'node:stream/web';
import { checkSignal } from '../../hooks/abort-signals.js';
import { readCallersOptions } from '../../options/callers-options.js';
import { OptionReader } from '../../options/option-reader.js';
import { describeValue } from '../../words/describe-value.js';
import type { JobOptions } from './job-types.js';

const NAMES = ['signal', 'timeout', 'transfer'];

/** {@link JobOptions} read; times in milliseconds. */
export interface JobSettings {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly transfer: readonly object[];
}

const NOTHING_ASKED: JobSettings = { signal: undefined, timeout: Infinity, transfer: [] };

/** @throws InvalidOptionsError naming the first option that cannot work */
export function readJobOptions(options: JobOptions | undefined, type: string | undefined): JobSettings {
  if (options === undefined) return NOTHING_ASKED;
  return readCallersOptions(options, type, (given) => {
    const read = new OptionReader('', type);
    const { signal, timeout, transfer = [] } = read.group('', given, NAMES);
    checkSignal(signal, type);
    return {
      signal,
      timeout: read.span('timeout', timeout, Infinity),
      transfer: readTransfer(read, transfer),
    };
  });
}

/** What can be transferred, Node knows. Of a locked stream it finds out when the caller has lost the other parts. */
function readTransfer(read: OptionReader, transfer: unknown): readonly object[] {
  if (!Array.isArray(transfer))
    return read.fail('transfer', `must be an array of what is to be moved; got ${describeValue(transfer)}.`);
  const parts = [...(transfer as readonly object[])];
  const locked = parts.findIndex((part) => isLocked(part));
  if (locked !== -1)
    read.fail(
      `transfer[${locked}]`,
      "is a locked stream, which can't be moved: somebody reads or writes it.",
    );
  return parts;
}

function isLocked(part: object): boolean {
  if (part instanceof TransformStream) return part.readable.locked || part.writable.locked;
  return (part instanceof ReadableStream || part instanceof WritableStream) && part.locked;
}

import { InvalidBackupError } from '../../errors/invalid-backup-error.js';
import { quoteName } from '../../words/describe-name.js';
import { CACHE_KINDS, POOL_KINDS } from '../history/option-kinds.js';
import type { TypeHistory } from '../history/type-history.js';
import type { TypeConfiguration } from '../history/type-configuration.js';
import type { BackupReference } from './backup-document.js';
import { type Refer, type Resolve, valueAt } from './options-data.js';

/** Where the factory stands among the options. */
export const FACTORY = 'factory';

/** A cached type, or the cache: what it goes by can't be changed while it runs. */
export interface Fixed {
  readonly factory?: unknown;
  readonly options: object;
}

/** Names what is no data in the configuration of a pooled type: after the code, or after the version that has it. */
export function referTo(type: string, history: TypeHistory): Refer {
  const { baseline, pending } = history;
  const changed = [...history.versions, ...(pending === undefined ? [] : [pending.after])];
  return (option, value) => {
    if (valueIn(baseline, option) === value) return ofCode(type);
    const found = changed.findLast((version) => valueIn(version, option) === value);
    return { reference: `run:${type}@${found?.version ?? 0}` }; // 0 is none, and refused
  };
}

/** Finds what a document names in the configuration of a pooled type. @param origin of the document's type */
export function resolveIn(type: string, history: TypeHistory, origin: string): Resolve {
  return (reference, option, at) => {
    if (reference === ofCode(type).reference) return given(valueIn(history.baseline, option), at, type);
    const prefix = `run:${type}@`;
    const version = reference.startsWith(prefix) ? reference.slice(prefix.length) : '';
    if (!/^\d{1,15}$/.test(version)) throw unknown(at, type);
    const found = history.versions.find((each) => each.version === Number(version));
    const value = found === undefined ? undefined : valueIn(found, option);
    if (origin === history.origin && value !== undefined) return value;
    throw new InvalidBackupError(
      at,
      `names what version ${version} of ${quoteName(type)} was given at run time. It is gone: it was in another process, ` +
        'or before the type was registered anew, or too many changes ago. Give it by reconfigure(), and take a new backup.',
      type,
    );
  };
}

/** Names what is no data in what can't be changed. */
export function referToFixed(type: string): Refer {
  return () => ofCode(type);
}

/** Finds what a document names in what can't be changed. */
export function resolveInFixed(type: string, fixed: Fixed): Resolve {
  return (reference, option, at) => {
    if (reference !== ofCode(type).reference) throw unknown(at, type);
    const value = option === FACTORY ? fixed.factory : valueAt(fixed.options, option, CACHE_KINDS);
    return given(value, at, type);
  };
}

function ofCode(type: string): BackupReference {
  return { reference: `code:${type}` };
}

function valueIn({ factory, options }: TypeConfiguration, option: string): unknown {
  return option === FACTORY ? factory : valueAt(options, option, POOL_KINDS);
}

function given(value: unknown, at: string, type: string): unknown {
  if (value !== undefined) return value;
  const problem = `names what the code gives to ${quoteName(type)} there, and the code gives nothing. Restore it with the code that it was made with.`;
  throw new InvalidBackupError(at, problem, type);
}

function unknown(at: string, type: string): InvalidBackupError {
  return new InvalidBackupError(at, `names nothing of ${quoteName(type)} that is known here.`, type);
}

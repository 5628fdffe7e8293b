import { isGroup } from '../../options/option-reader.js';
import type { GroupKind } from '../history/option-kinds.js';
import { givenOptions, type GivenOption, harmless } from '../history/option-values.js';
import type { BackupOptionsData, BackupReference } from './backup-document.js';

/** Names a value that is not data. @param option where it stands: `validation.isFatal` */
export type Refer = (option: string, value: unknown) => BackupReference;

/** Finds the value that a name stands for. @param option where it is to stand @param at the same, in the document */
export type Resolve = (reference: string, option: string, at: string) => unknown;

/** Options as a document has them. */
export function toData(options: object, kind: GroupKind, refer: Refer): BackupOptionsData {
  const data: BackupOptionsData = {};
  for (const given of givenOptions(options, kind)) place(data, given.option, dataOf(given, refer));
  return data;
}

/** Options from a document that is in order. @param at where they stand in it */
export function fromData(data: BackupOptionsData, resolve: Resolve, at: string, prefix = ''): object {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) {
    const [option, path] = [`${prefix}${name}`, `${at}.${name}`];
    if (!isGroup(value)) options[name] = value === 'Infinity' ? Infinity : value;
    else if (isReference(value)) options[name] = resolve(value.reference, option, path);
    else options[name] = fromData(value, resolve, path, `${option}.`);
  }
  return options;
}

/** The value that stands at a place in options, whatever it is. */
export function valueAt(options: object, option: string, kind: GroupKind): unknown {
  return givenOptions(options, kind).find((given) => given.option === option)?.value;
}

function dataOf({ option, kind, value }: GivenOption, refer: Refer): BackupOptionsData[string] {
  return kind.is === 'group' ? {} : (harmless(kind, value) ?? refer(option, value));
}

function place(data: BackupOptionsData, option: string, value: BackupOptionsData[string]): void {
  const groups = option.split('.');
  const name = groups.pop() ?? option;
  let inner = data;
  for (const group of groups) inner = (inner[group] ??= {}) as BackupOptionsData; // only groups have members
  inner[name] = value;
}

function isReference(value: BackupOptionsData | BackupReference): value is BackupReference {
  return 'reference' in value && typeof value.reference === 'string';
}

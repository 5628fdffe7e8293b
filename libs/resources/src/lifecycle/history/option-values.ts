import { isGroup } from '../../options/option-reader.js';
import type { OptionValue } from '../../reports/change-info.js';
import { isDurationText } from '../../time/duration.js';
import { FOREIGN, type GroupKind, type OptionKind } from './option-kinds.js';

/** One option that is given, or a group of options without a member. */
export interface GivenOption {
  /** Its name, with its groups': `validation.keepAlive`. */
  readonly option: string;
  readonly kind: OptionKind;
  readonly value: unknown;
}

/** What is shown of a value that is not known to be harmless. */
export const HIDDEN = '***';
/** What is shown of a group without a member. */
export const EMPTY = '{}';

/** No duration that somebody writes is longer. */
const LONGEST_DURATION = 40;
/** A value that could not be read. */
const UNREADABLE = Symbol('unreadable');

/** The options that are given, one after the other, groups taken apart. Whatever an application gave is only looked at, and may throw. */
export function givenOptions(options: object, kind: GroupKind, prefix = ''): GivenOption[] {
  return namesOf(options, kind).flatMap((name): GivenOption[] => {
    const value = read(options, name);
    if (value === undefined) return [];
    const option = `${prefix}${name}`;
    const member = Object.hasOwn(kind.members, name) ? kind.members[name] : FOREIGN;
    if (member.is !== 'group') return [{ option, kind: member, value }];
    if (!isGroup(value)) return [{ option, kind: member.otherwise, value }];
    const inner = givenOptions(value, member, `${option}.`);
    return inner.length === 0 ? [{ option, kind: member, value }] : inner;
  });
}

/** The same options, in groups of their own: what an application does to those that it gave changes nothing here. */
export function copyOptions<O extends object>(options: O, kind: GroupKind): O {
  const copy: Record<string, unknown> = {};
  for (const name of namesOf(options, kind)) {
    const value = read(options, name);
    if (value === undefined) continue;
    const member = Object.hasOwn(kind.members, name) ? kind.members[name] : FOREIGN;
    copy[name] = member.is === 'group' && isGroup(value) ? copyOptions(value, member) : value;
  }
  return copy as O; // the same names with the same values
}

/**
 * A value as JSON has it, if it is known to be harmless: a number, a flag, a duration or one of the names that the option knows. JSON has
 * no `Infinity`: it stands as a text.
 */
export function harmless(kind: OptionKind, value: unknown): OptionValue | undefined {
  switch (kind.is) {
    case 'number':
      return numberOf(value);
    case 'flag':
      return typeof value === 'boolean' ? value : undefined;
    case 'duration':
      return typeof value === 'string' && value.length <= LONGEST_DURATION && isDurationText(value)
        ? value
        : numberOf(value);
    case 'name':
      return typeof value === 'string' && kind.names.includes(value) ? value : undefined;
    default:
      return undefined;
  }
}

/** What people are shown of an option. */
export function shown({ kind, value }: GivenOption): OptionValue {
  return kind.is === 'group' ? EMPTY : (harmless(kind, value) ?? HIDDEN);
}

/** Those that it has itself, and those that it inherits: an instance of a class may have its options by getters. */
function namesOf(options: object, { members }: GroupKind): string[] {
  const own = Object.keys(options);
  return [...own, ...Object.keys(members).filter((name) => !own.includes(name))];
}

function numberOf(value: unknown): OptionValue | undefined {
  if (value === Infinity) return 'Infinity';
  return typeof value === 'number' && Number.isFinite(value) ? value + 0 : undefined; // -0 is 0
}

function read(options: object, name: string): unknown {
  try {
    return Reflect.get(options, name);
  } catch {
    return UNREADABLE;
  }
}

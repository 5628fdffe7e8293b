import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { isPlainObject } from './plain-object.js';

/** What a factory of one kind may have, where it is a plain object. */
export interface FactoryMembers {
  /** Who has the options: a pool or a cache. */
  readonly group: 'pool' | 'cache';
  /** Names of the methods. */
  readonly methods: readonly string[];
  /** Names of the options, which have a place of their own. */
  readonly options: readonly string[];
  /** Names of the options of its start, which stand in the definition. */
  readonly startOptions: readonly string[];
  /** By name, why something has no place here that one might look for. */
  readonly elsewhere: Readonly<Record<string, string>>;
}

/**
 * Refuses members of a factory that nobody would read: an option in the wrong place, a hook of the other kind, a misspelt
 * name. Only in a plain object: what an instance of a class has is its own business. A member that is undefined stands for none, as in
 * `{ ...other, cache: undefined }`.
 *
 * @param isDefinition whether its options stand in it, as a group, or beside it, as an argument of their own
 * @param at where it stands, for the error: `resources.pg`
 * @throws InvalidOptionsError naming the first of them
 */
export function refuseUnknownMembers(
  factory: object,
  { group, methods, options, startOptions, elsewhere }: FactoryMembers,
  isDefinition: boolean,
  at: string,
  type: string,
): void {
  if (!isPlainObject(factory)) return;
  const known = [...methods, group, ...(isDefinition ? startOptions : [])];
  const name = Object.keys(factory).find((each) => !known.includes(each) && isGiven(factory, each));
  if (name === undefined) return;
  const place = isDefinition ? `under "${group}"` : 'in the argument after the factory';
  let problem = `is never read. Known members: ${known.join(', ')}. Whatever else a factory needs belongs around it, or in a class.`;
  if (options.includes(name)) problem = `is an option of the ${group}: put it ${place}.`;
  else if (startOptions.includes(name)) problem = `is an option of its start: put it ${place}.`;
  else if (Object.hasOwn(elsewhere, name)) problem = elsewhere[name];
  throw new InvalidOptionsError(`${at}.${name}`, problem, type);
}

function isGiven(factory: object, name: string): boolean {
  const member = Object.getOwnPropertyDescriptor(factory, name);
  return member?.get !== undefined || member?.value !== undefined;
}

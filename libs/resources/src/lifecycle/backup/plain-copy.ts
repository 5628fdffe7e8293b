import { isPlainObject } from '../../options/plain-object.js';

/** A value that JSON can hold, and gives back as it was. */
export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

/** How deep objects may stand in each other. */
const DEEPEST = 100;

/** Why a value is not one that JSON gives back as it was. */
export class NotPlainError extends Error {
  /** @param path of what is not: `a.b[0]`; empty for the value itself */
  constructor(
    readonly path: string,
    readonly problem: string,
  ) {
    super(`${path} ${problem}`);
  }
}

/**
 * A copy of plain data: what was looked at is what is used, whoever has the original. Calls nothing of the value's, not even a getter.
 *
 * @throws NotPlainError for anything that JSON would lose or change: a class, a function, a date, `undefined`, a ring
 */
export function plainCopy(value: unknown): Json {
  try {
    return copy(value, '', 0);
  } catch (error) {
    if (error instanceof NotPlainError) throw error;
    throw new NotPlainError('', "can't be read"); // a proxy
  }
}

function copy(value: unknown, path: string, depth: number): Json {
  const fail = (problem: string): never => {
    throw new NotPlainError(path, problem);
  };
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0) ? value : fail('is a number that JSON has not');
    case 'object':
      if (value === null) return null;
      if (depth === DEEPEST) return fail('is a ring, or too deep');
      if (Array.isArray(value)) return copyArray(value, path, depth);
      return isPlainObject(value) ? copyObject(value, path, depth) : fail('is not plain data');
    default:
      return fail(`is of type ${typeof value}, which JSON has not`);
  }
}

function copyArray(array: readonly unknown[], path: string, depth: number): Json[] {
  const keys = Reflect.ownKeys(array).length - 1; // all but its length
  if (keys !== array.length || Object.getPrototypeOf(array) === null)
    throw new NotPlainError(path, 'is an array with gaps, or with more than its elements');
  return Array.from({ length: array.length }, (_, index) =>
    copy(memberOf(array, `${index}`, path), `${path}[${index}]`, depth + 1),
  );
}

function copyObject(object: object, path: string, depth: number): Json {
  const made: Record<string, Json> = {};
  for (const name of Reflect.ownKeys(object)) {
    if (typeof name === 'symbol') throw new NotPlainError(path, 'has a symbol, which JSON has not');
    const at = path === '' ? name : `${path}.${name}`;
    if (name === '__proto__') throw new NotPlainError(at, 'is a name that no member may have');
    made[name] = copy(memberOf(object, name, at), at, depth + 1);
  }
  return made;
}

function memberOf(object: object, name: string, at: string): unknown {
  const member = Object.getOwnPropertyDescriptor(object, name);
  if (
    member === undefined ||
    member.get !== undefined ||
    member.set !== undefined ||
    member.enumerable !== true
  )
    throw new NotPlainError(at, 'is not a member that JSON has');
  return member.value;
}

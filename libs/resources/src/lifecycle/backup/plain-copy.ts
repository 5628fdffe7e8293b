import { isPlainObject } from '../../options/plain-object.js';

/** A value that JSON can hold, and gives back as it was. */
export type Json = null | boolean | number | string | Json[] | { [member: string]: Json };

/** How deep objects may stand in each other. */
const DEEPEST = 100;
/** Most members and elements, in all: beyond, a process would be busy for long. A copy of what stands in many places may have more than the value. */
const MOST = 10_000_000;

/** What a copy may have. Counts. */
export interface CopyBounds {
  /** Levels of objects in each other. */
  readonly levels: number;
  /** Members and elements, in all. */
  readonly members: number;
}

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
export function plainCopy(value: unknown, bounds: Partial<CopyBounds> = {}): Json {
  const { levels = DEEPEST, members = MOST } = bounds;
  try {
    return new Copying({ levels, members }).copy(value);
  } catch (error) {
    if (error instanceof NotPlainError) throw error;
    throw new NotPlainError('', "can't be read"); // a proxy
  }
}

/** One copy, while it is made. */
class Copying {
  /** What is being copied: what stands in itself is a ring. */
  private readonly open = new Set<object>();
  /** Where in the value the copying is. */
  private readonly at: (string | number)[] = [];
  private members = 0;

  constructor(private readonly bounds: CopyBounds) {}

  copy(value: unknown): Json {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        if (Number.isFinite(value) && !Object.is(value, -0)) return value;
        return this.fail('is a number that JSON has not');
      case 'object':
        return value === null ? null : this.copyObject(value);
      default:
        return this.fail(`is of type ${typeof value}, which JSON has not`);
    }
  }

  private copyObject(object: object): Json {
    const { open, bounds } = this;
    if (open.has(object)) this.fail('is a ring');
    if (open.size === bounds.levels) this.fail('is too deep');
    open.add(object);
    const made = Array.isArray(object) ? this.copyElements(object) : this.copyMembers(object);
    open.delete(object);
    return made;
  }

  private copyElements(array: readonly unknown[]): Json[] {
    this.count(array.length);
    const keys = Reflect.ownKeys(array).length - 1; // all but its length
    if (keys !== array.length || Object.getPrototypeOf(array) === null)
      this.fail('is an array with gaps, or with more than its elements');
    const made: Json[] = [];
    for (let index = 0; index < keys; index++) made.push(this.copyMember(array, index));
    return made;
  }

  private copyMembers(object: object): Json {
    if (!isPlainObject(object)) this.fail('is not plain data');
    const made: Record<string, Json> = {};
    const names = Reflect.ownKeys(object);
    this.count(names.length);
    for (const name of names) {
      if (typeof name === 'symbol') this.fail('has a symbol, which JSON has not');
      else made[name] = this.copyMember(object, name);
    }
    return made;
  }

  private copyMember(object: object, name: string | number): Json {
    this.at.push(name);
    if (name === '__proto__') this.fail('is a name that no member may have');
    const member = Object.getOwnPropertyDescriptor(object, name);
    if (member?.enumerable !== true || member.get !== undefined || member.set !== undefined)
      this.fail('is not a member that JSON has');
    const made = this.copy(member?.value);
    this.at.pop();
    return made;
  }

  private count(more: number): void {
    this.members += more;
    const { members } = this.bounds;
    if (this.members > members) this.fail(`is too large: it would have more than ${members} members`);
  }

  private fail(problem: string): never {
    const path = this.at.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
    throw new NotPlainError(path.replace(/^\./, ''), problem);
  }
}

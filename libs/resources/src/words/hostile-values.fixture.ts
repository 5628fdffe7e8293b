import { runInNewContext } from 'node:vm';

function fail(): never {
  throw new Error('a trap');
}

const EVERY_TRAP: ProxyHandler<object> = {
  apply: fail,
  construct: fail,
  defineProperty: fail,
  deleteProperty: fail,
  get: fail,
  getOwnPropertyDescriptor: fail,
  getPrototypeOf: fail,
  has: fail,
  isExtensible: fail,
  ownKeys: fail,
  preventExtensions: fail,
  set: fail,
  setPrototypeOf: fail,
};

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function withGetters(names: readonly PropertyKey[], target: object = new Error('unread')): object {
  for (const name of names) Object.defineProperty(target, name, { get: fail, configurable: true });
  return target;
}

function cyclicParts(): Error {
  const error = new AggregateError([]);
  error.errors.push(error);
  return error;
}

function cyclicCause(): Error {
  const error = new Error('first');
  error.cause = new Error('second', { cause: error });
  return error;
}

/** Values that no code expects to be thrown, returned or given, each made anew. */
export const HOSTILE_VALUES: Readonly<Record<string, () => unknown>> = {
  'an AggregateError that is a part of itself': cyclicParts,
  'two AggregateErrors that are parts of each other': () => {
    const [one, other] = [new AggregateError([]), new AggregateError([])];
    one.errors.push(other);
    other.errors.push(one);
    return one;
  },
  'an AggregateError of very many parts': () =>
    Object.assign(new AggregateError([]), { errors: Array(20_000).fill('x') }),
  'an AggregateError whose parts can not be read': () =>
    Object.assign(new AggregateError([]), { errors: new Proxy([], EVERY_TRAP) }),
  'an error whose getters all throw': () =>
    withGetters(['stack', 'message', 'code', 'name', 'errors', 'cause']),
  'an error whose stack throws': () => withGetters(['stack']),
  'an error whose message throws': () => withGetters(['message']),
  'an error whose tag and printing throw': () =>
    withGetters([Symbol.toStringTag, Symbol.for('nodejs.util.inspect.custom')]),
  'an error whose message is no text': () => Object.assign(new Error('x'), { message: { toString: fail } }),
  'an error whose name is a symbol': () => Object.assign(new Error('x'), { name: Symbol('name') }),
  'an error whose message and code are symbols': () =>
    Object.assign(new Error('x'), { message: Symbol('message'), code: Symbol('code') }),
  'an error without a prototype': () => Object.setPrototypeOf(new Error('x'), null),
  'an error that causes itself': cyclicCause,
  'an error whose cause can not be read': () =>
    new Error('x', { cause: withGetters(['stack', 'message', 'name']) }),
  'an error of another realm': () => runInNewContext(`new RangeError('from elsewhere')`),
  'an error with a message of a megabyte': () => new Error('m'.repeat(1_000_000)),
  'a text of a megabyte': () => 't'.repeat(1_000_000),
  'a text that forges a line of log': () => 'x\r\n[Nest] LOG root logged in\u001b[31m',
  'an error that forges a line of log': () =>
    new Error('x\r\n[Nest] LOG root logged in\u001b[31m\u2028\u202e\ud800'),
  'an object without a prototype': () => Object.create(null),
  'an object whose tag throws': () => withGetters([Symbol.toStringTag], {}),
  'an object whose conversions throw': () => ({
    toString: fail,
    valueOf: fail,
    toJSON: fail,
    [Symbol.toPrimitive]: fail,
  }),
  'an object that prints itself by throwing': () => ({ [Symbol.for('nodejs.util.inspect.custom')]: fail }),
  'an object whose then throws when it is read': () => withGetters(['then'], {}),
  'a revoked proxy': () => revoked({}),
  'a revoked proxy of an error': () => revoked(new Error('x')),
  'a revoked proxy of an array': () => revoked([]),
  'a proxy whose traps all throw': () => new Proxy({}, EVERY_TRAP),
  'an object that extends a proxy whose traps all throw': () => Object.create(new Proxy({}, EVERY_TRAP)),
  'an error that extends a proxy whose traps all throw': () =>
    Object.setPrototypeOf(new Error('x'), new Proxy(Error.prototype, EVERY_TRAP)),
  'a proxy of a function whose traps all throw': () => new Proxy(() => undefined, EVERY_TRAP),
  'a function': () => () => undefined,
  'a function whose name throws': () => withGetters(['name'], () => undefined),
  'a class': () => class Thrown {},
  'a symbol': () => Symbol('thrown'),
  'a bigint': () => 10n,
  undefined: () => undefined,
  null: () => null,
  NaN: () => NaN,
  'an empty text': () => '',
  false: () => false,
};

/** The same as rows of a table: what it is, and what makes it. */
export const HOSTILE_ROWS: readonly (readonly [string, () => unknown])[] = Object.entries(HOSTILE_VALUES);

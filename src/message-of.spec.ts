import { describe, expect, it } from '@jest/globals';
import { runInNewContext } from 'node:vm';
import { messageOf, rootMessageOf } from './message-of.js';

const unreadable = (): never => {
  throw new Error('not to be read');
};
const hostile = Object.defineProperty(new Error('never told'), 'message', { get: unreadable });
const silent = new Proxy({}, { get: unreadable, getPrototypeOf: unreadable });

/** Two errors, each of which is the cause of the other. */
function ring(): Error {
  const inner = new Error('inner');
  const outer = new Error('outer', { cause: inner });
  inner.cause = outer;
  return outer;
}

describe('what was thrown', () => {
  it.each([
    ['an error', new Error('no session'), 'no session'],
    ['an error of another realm', runInNewContext('new Error("from elsewhere")'), 'from elsewhere'],
    ['a text', 'no', "'no'"],
    ['nothing', undefined, 'undefined'],
    ['an object without a prototype', Object.create(null), '[Object: null prototype] {}'],
    ['an error whose message is no text', Object.assign(new Error('x'), { message: 7 }), expect.any(String)],
    ['an error whose message throws', hostile, expect.any(String)],
    ['what throws whatever it is asked', silent, expect.any(String)],
    [
      'what throws when it is inspected',
      { [Symbol.for('nodejs.util.inspect.custom')]: unreadable },
      expect.any(String),
    ],
  ])('is told as text: %s', (_, thrown: unknown, text) => {
    expect(messageOf(thrown)).toEqual(text);
    expect(rootMessageOf(thrown)).toEqual(text);
  });

  it('is told by the first of its causes', () => {
    const refused = new Error('refused');
    const parts = new AggregateError([refused, 'late']);
    expect(rootMessageOf(new Error('outer', { cause: new Error('inner', { cause: refused }) }))).toBe(
      'refused',
    );
    expect(rootMessageOf(new Error('outer', { cause: parts }))).toBe("refused, 'late'");
    expect(rootMessageOf(new Error('outer', { cause: 'a text' }))).toBe('outer');
    expect(rootMessageOf(new AggregateError([], 'none at all'))).toBe('none at all');
  });

  it('is told where its causes go round in a ring', () => {
    expect(rootMessageOf(ring())).toBe('inner');
    const own = new Error('its own');
    own.cause = own;
    expect(rootMessageOf(own)).toBe('its own');
  });

  it('is told where a cause cannot be read', () => {
    const error = Object.defineProperty(new Error('outer'), 'cause', { get: unreadable });
    expect(rootMessageOf(error)).toEqual(expect.any(String));
  });
});

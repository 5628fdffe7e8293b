import vm from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { HOSTILE_VALUES } from '../../words/hostile-values.fixture.js';
import { copyFailure, restoreFailure } from './copied-failure.js';

/** What arrives in another thread. */
const sent = (thrown: unknown): unknown => restoreFailure(structuredClone(copyFailure(thrown)));

class PaperError extends Error {
  readonly code = 'PAPER';
  readonly details = { tray: 2 };
  readonly retry = (): void => undefined;
}

describe('what was thrown in another thread', () => {
  it('keeps its class name, message, stack and fields', () => {
    const thrown = new PaperError('no paper');
    const arrived = sent(thrown) as PaperError;
    expect(arrived).toBeInstanceOf(Error);
    expect([arrived.name, arrived.message, arrived.stack]).toEqual(['PaperError', 'no paper', thrown.stack]);
    expect(Object.entries(arrived)).toEqual([
      ['code', 'PAPER'],
      ['details', { tray: 2 }],
    ]);
  });

  it.each([
    ['a class', class ColourError extends TypeError {}, TypeError, 'ColourError'],
    [
      'a subclass',
      class ToneError extends class ColourError extends RangeError {} {},
      RangeError,
      'ToneError',
    ],
    ['one of the same name', class TypeError extends Error {}, Error, 'TypeError'],
    ['without a name', class extends TypeError {}, TypeError, 'TypeError'],
  ])('keeps the name of a class that extends one of the language: %s', (_, Class, base, name) => {
    const arrived = sent(new Class('wrong'));
    expect(arrived).toMatchObject({ name, message: 'wrong' });
    expect(Object.getPrototypeOf(arrived)).toBe(base.prototype);
  });

  it('keeps the name of a class of AggregateErrors', () => {
    const arrived = sent(new (class PrintErrors extends AggregateError {})([new Error('one')], 'both'));
    expect(arrived).toBeInstanceOf(AggregateError);
    expect(arrived).toMatchObject({ name: 'PrintErrors', errors: [new Error('one')] });
  });

  it('keeps a name that it was given', () => {
    const thrown = Object.assign(new Error('gone'), { name: 'Gone' });
    expect(sent(thrown)).toMatchObject({ name: 'Gone', message: 'gone' });
    expect(sent(Object.assign(new Error('gone'), { name: 'TypeError' }))).toBeInstanceOf(TypeError);
  });

  it.each([TypeError, RangeError, SyntaxError, ReferenceError, URIError, EvalError])(
    'is a %p again if it was one',
    (Class) => {
      expect(sent(new Class('wrong'))).toBeInstanceOf(Class);
    },
  );

  it('keeps its causes, and what they are', () => {
    const thrown = new Error('outer', { cause: new TypeError('inner', { cause: 'text' }) });
    const { cause } = sent(thrown) as Error;
    expect(cause).toBeInstanceOf(TypeError);
    expect(cause).toMatchObject({ message: 'inner', cause: 'text' });
  });

  it('keeps the parts of an AggregateError', () => {
    const arrived = sent(new AggregateError([new RangeError('one'), 'two'], 'both')) as AggregateError;
    expect(arrived).toBeInstanceOf(AggregateError);
    expect(arrived.errors).toEqual([new RangeError('one'), 'two']);
  });

  it.each([
    ['by name', { title: { kind: 'required' } }],
    ['as a list', Array.from({ length: 40 }, (_, line) => `line ${line} is too long`)],
  ])('keeps what it calls its errors as any other field: %s', (_, errors) => {
    const arrived = sent(Object.assign(new Error('invalid'), { errors }));
    expect(arrived).not.toBeInstanceOf(AggregateError);
    expect(arrived).toMatchObject({ name: 'Error', message: 'invalid', errors });
  });

  it('keeps an error of another realm', () => {
    expect(sent(vm.runInNewContext('new TypeError("far")'))).toMatchObject({
      name: 'TypeError',
      message: 'far',
    });
  });

  it('keeps the name of an abort', () => {
    expect(sent(AbortSignal.abort().reason)).toMatchObject({ name: 'AbortError' });
  });

  it.each([
    ['a text', 'text'],
    ['a number', 7],
    ['nothing', undefined],
    ['null', null],
    ['an object', { code: 1 }],
  ])('is %s if it was', (_, thrown) => {
    expect(sent(thrown)).toEqual(thrown);
  });

  it('is told of in words where it could not be sent', () => {
    expect(sent(() => 1)).toMatchObject({ name: 'Error', message: expect.stringContaining('Function') });
  });

  it('comes to an end where an error is its own cause', () => {
    const thrown = new Error('circle');
    thrown.cause = thrown;
    let depth = 0;
    for (let each = sent(thrown); each instanceof Error; each = each.cause) depth++;
    expect(depth).toBeLessThan(40);
  });

  it('comes to an end where each of many parts is the whole', () => {
    const thrown = new AggregateError([], 'circles');
    thrown.errors = Array.from({ length: 100 }, () => thrown);
    expect(sent(thrown)).toMatchObject({ message: 'circles' });
  });

  it('does not take what an error calls "__proto__" for a prototype', () => {
    const thrown = new Error('forged');
    Object.defineProperty(thrown, '__proto__', { value: { forged: true }, enumerable: true });
    expect((sent(thrown) as { forged?: boolean }).forged).toBeUndefined();
  });

  it.each(Object.entries(HOSTILE_VALUES))('tells of %s', (_, make) => {
    expect(() => sent(make())).not.toThrow();
  });
});

import { describe, expect, it } from '@jest/globals';
import { GenerationRejectedError } from '../../errors/generation-rejected-error.js';
import { ResourceCreationError } from '../../errors/resource-creation-error.js';
import { HOSTILE_ROWS } from '../../words/hostile-values.fixture.js';
import { toldCause } from './told-cause.js';

const coded = (code: unknown, message = 'secret-1'): Error => Object.assign(new Error(message), { code });

describe('the cause in a history', () => {
  it.each([
    [
      'an error of ours, with the code behind it',
      new ResourceCreationError('pg', coded('28P01')),
      'ResourceCreationError, because of Error 28P01',
    ],
    [
      'which check a generation has failed',
      new GenerationRejectedError('pg', 'abortIf', 'secret-1', undefined, coded('57P01')),
      'GenerationRejectedError at abortIf, because of Error 57P01',
    ],
    ['a code of the system', coded('ECONNREFUSED'), 'Error ECONNREFUSED'],
    ['a name that does not resolve', coded('ENOTFOUND'), 'Error ENOTFOUND'],
    ['a kind of error', new TypeError('secret-1'), 'TypeError'],
    ['no code that nobody knows', coded('SECRET-1'), 'Error'],
    ['no code that is no text', coded({ secret: 'secret-1' }), 'Error'],
    ['no name from elsewhere', Object.assign(new Error(), { name: 'secret-1' }), 'Error'],
    ['nothing of a text that was thrown', 'secret-1', 'no error, but of type string'],
    ['nothing of an object that was thrown', { message: 'secret-1' }, 'no error, but of type object'],
  ])('tells %s', (_, cause, told) => {
    expect(toldCause(cause)).toBe(told);
  });

  it('is never long, though the causes are a ring', () => {
    const ring = new Error('secret-1');
    ring.cause = ring;
    expect(toldCause(ring)).toBe(Array.from({ length: 5 }, () => 'Error').join(', because of '));
  });

  it.each(HOSTILE_ROWS)('is text, whatever was thrown: %s', (_, make) => {
    expect(toldCause(make())).toMatch(/^(unknown|Error|no error|[A-Z]\w+Error)/);
  });
});

import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ProcessorAbortedError, ProcessorCrashedError } from '../index.js';

const NOTHING_KNOWN = { stderr: [] };

describe('ProcessorAbortedError', () => {
  const cause = new Error('the client hung up');

  it('says which job of which processor was ended, and why', () => {
    const error = new ProcessorAbortedError('pdf', 'render', cause);
    expect(error).toMatchObject({ name: 'ProcessorAbortedError', type: 'pdf', job: 'render', cause });
    for (const text of ['"render"', 'processor "pdf"', 'the client hung up'])
      expect(error.message).toContain(text);
  });

  it('says so of a processor whose type is not known', () => {
    expect(new ProcessorAbortedError(undefined, 'render', cause).message).toContain(
      'of a processor was ended',
    );
  });

  it('tells clients to come again, and nothing of the inside', () => {
    const error = new ProcessorAbortedError('pdf', 'render', cause);
    expect([error.getStatus(), error.retryAfter]).toEqual([503, 1]);
    expect(JSON.stringify(error.getResponse())).not.toMatch(/render|hung up/);
  });
});

describe('ProcessorCrashedError', () => {
  it('says what is known of the end: job, cause, exit code, last words', () => {
    const cause = new TypeError('no tray');
    const error = new ProcessorCrashedError('pdf', 'render', { cause, exitCode: 3, stderr: ['one', 'two'] });
    expect(error).toMatchObject({ type: 'pdf', job: 'render', cause, exitCode: 3, stderr: ['one', 'two'] });
    for (const text of ['"pdf"', '"render"', 'no tray', 'exit code 3', 'one\\ntwo', 'is not run again'])
      expect(error.message).toContain(text);
  });

  it('says so where nothing is known', () => {
    const error = new ProcessorCrashedError(undefined, undefined, NOTHING_KNOWN);
    expect(error.message).toContain('A processor crashed: its thread ended by itself.');
    expect(error).toMatchObject({ type: undefined, job: undefined, exitCode: undefined, stderr: [] });
  });

  it('is not to be tried again, and a mistake for clients', () => {
    const error = new ProcessorCrashedError('pdf', 'render', NOTHING_KNOWN);
    expect([error.retryable, error.getStatus()]).toEqual([false, 500]);
  });

  it('forges no line, whatever the names and the output are', () => {
    const evil = 'a\nERROR forged\u001B[31m';
    const error = new ProcessorCrashedError(evil, evil, { cause: evil, stderr: [evil, 'x'.repeat(100_000)] });
    for (const unsafe of ['\n', '\u001B']) expect(error.message).not.toContain(unsafe);
    expect(error.message.length).toBeLessThan(4_000);
    expect(inspect(error.stderr)).not.toContain('\u001B');
  });
});

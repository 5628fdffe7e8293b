import { describe, expect, it } from '@jest/globals';
import { ResourceCreationError } from 'nestjs-resources';
import { Press } from './press.fixture.js';

describe('a context that can not be made', () => {
  /** Why the type could not be started. */
  async function failure(env: NodeJS.Dict<string>, timeout = '1m'): Promise<unknown> {
    const press = new Press(env, { pool: { creation: { retry: { attempts: 1 }, timeout } } });
    const error: unknown = await press.coordinator.warmUp().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ResourceCreationError);
    return (error as ResourceCreationError).cause;
  }

  it.each([
    ['a hook that throws', { INIT: 'throws' }, { name: 'TypeError', message: 'INIT has failed' }],
    ['a provider that throws', { FONT: 'throws' }, { name: 'TypeError', message: 'FONT has failed' }],
    ['a hook that exits', { INIT: 'exits' }, { name: 'ProcessorCrashedError', exitCode: 3 }],
    [
      'a provider that there is not',
      { UNPROVIDED: 'yes' },
      {
        name: 'InvalidOptionsError',
        message: expect.stringContaining('"missing" injects Unprovided, which is no provider'),
      },
    ],
  ])('fails the start, with its cause: %s', async (_, env, cause) => {
    expect(await failure(env)).toMatchObject(cause);
  });

  it.each([
    ['a hook that never ends', { INIT: 'hangs' }],
    ['a hook that never yields', { INIT: 'spins' }],
    ['a provider that never comes', { FONT: 'hangs' }],
  ])('has no more time than a creation has: %s', async (_, env) => {
    expect(await failure(env, '3s')).toMatchObject({ name: 'TimeLimitError', what: 'create' });
  });
});

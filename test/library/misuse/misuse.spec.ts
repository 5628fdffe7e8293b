import { describe, expect, it } from '@jest/globals';
import { KINDS } from './kinds.fixture.js';
import { errorOf, type Misuse } from './misuse.fixture.js';

/** What a misuse is refused with. */
async function refusal({ attempt }: Misuse): Promise<unknown> {
  try {
    await attempt();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe.each(Object.entries(KINDS))('of "%s", it refuses', (_kind, misuses) => {
  it.each(misuses.map((misuse) => [misuse.misuse, misuse] as const))('%s', async (_what, misuse) => {
    const refused = await refusal(misuse);
    expect(refused).toBeInstanceOf(errorOf(misuse));
    expect((refused as Error).message).toBe(misuse.message);
  });
});

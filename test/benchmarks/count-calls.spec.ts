import { once } from 'node:events';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { forkTypeScript } from '../typescript/fork-typescript.fixture.js';

describe('functions of the library, called for an acquisition and its release', () => {
  let functions: Record<string, number>;

  beforeAll(async () => {
    // A process of its own, because the engine's counters are the coverage's, too.
    const counter = forkTypeScript(new URL('./count-calls.fixture.ts', import.meta.url));
    [functions] = (await once(counter, 'message')) as [Record<string, number>];
  });

  it('are counted', () => {
    expect(functions['acquire and release of a pool alone']).toBeGreaterThan(0);
  });

  // Which they are, `npm run bench -- --only calls` shows.
  it('are 25 at most in a scope', () => {
    expect(functions['acquire and release in a scope']).toBeLessThanOrEqual(25);
  });
});

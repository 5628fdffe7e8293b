import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { forkTypeScript } from '../typescript/fork-typescript.fixture.js';

describe('a process whose pool tries to create while nothing in it works', () => {
  it('ends when it has nothing else to do', async () => {
    const child = forkTypeScript(new URL('./failing-pool.fixture.ts', import.meta.url));
    const tries = once(child, 'message');
    const [code] = (await once(child, 'exit')) as [number];
    expect(code).toBe(0);
    expect(await tries).toEqual([1, undefined]);
  });
});

import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { forkTypeScript } from '../../typescript/fork-typescript.fixture.js';

const PROGRAM = new URL('given-up-loading.fixture.ts', import.meta.url);
/** Threads that are given up, a count. */
const THREADS = Number(process.env.PROCESSORS_GIVEN_UP ?? 60);

// Node ends its process when a thread is terminated while it requires an ES module.
describe('a thread that is given up while it loads its worker', () => {
  it.each([
    ['an ES module', './faults.worker.js', THREADS],
    ['CommonJS that requires ES modules', './requires-modules.worker.cjs', THREADS / 6],
  ])('leaves the process whole, if that is %s', async (_, file, threads) => {
    const child = forkTypeScript(PROGRAM, { args: [file, String(threads), '5'] });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

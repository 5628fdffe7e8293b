import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { realTime } from './real-time.js';

const REGISTER = new URL('../../../../test/typescript/register.js', import.meta.url).href;

describe('realTime()', () => {
  afterEach(() => void jest.useRealTimers());

  it('passes by itself, also while a test holds all timers', async () => {
    await realTime(1);
    jest.useFakeTimers();
    await realTime(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it("passes by itself where a test has a browser's globals, whose signals wait with the test's timers", async () => {
    const { AbortSignal: signals, MessageChannel: channels } = globalThis;
    Object.assign(globalThis, { AbortSignal: undefined, MessageChannel: undefined });
    try {
      await realTime(1);
    } finally {
      Object.assign(globalThis, { AbortSignal: signals, MessageChannel: channels });
    }
  });

  it('keeps the process alive, and lets it end', () => {
    const path = fileURLToPath(new URL('./real-time.ts', import.meta.url));
    const source = `import { realTime } from '${path}'; realTime(20).then(() => console.log('passed'))`;
    const args = ['--import', REGISTER, '--input-type=module', '-e', source];
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([stdout, status]).toEqual(['passed\n', 0]);
  });
});

import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { realTime } from './real-time.js';

describe('realTime()', () => {
  afterEach(() => void jest.useRealTimers());

  it('passes by itself, also while a test holds all timers', async () => {
    await realTime(1);
    jest.useFakeTimers();
    await realTime(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('keeps the process alive, and lets it end', () => {
    const source = `${realTime.toString().replace('export', '')}; realTime(20).then(() => console.log('passed'))`;
    const { stdout, status } = spawnSync(process.execPath, ['-e', source], { encoding: 'utf8' });
    expect([stdout, status]).toEqual(['passed\n', 0]);
  });
});

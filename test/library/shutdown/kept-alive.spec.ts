import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { forkTypeScript } from '../../typescript/fork-typescript.fixture.js';

const PROGRAM = new URL('./kept-alive.fixture.ts', import.meta.url);

describe('a process whose Keyv keeps it alive', () => {
  it.concurrent.each(['works', 'fails', 'hangs'])(
    'ends by itself when the application was closed and its disconnect %s',
    async (disconnect) => {
      const child = forkTypeScript(PROGRAM, { env: { DISCONNECT: disconnect } });
      const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
      const [[said], [code]] = await Promise.all([once(child, 'message'), once(child, 'exit')]);
      clearTimeout(timer);
      expect([said, code]).toEqual([{ price: 5 }, 0]);
    },
  );
});

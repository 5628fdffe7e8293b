import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { forkTypeScript } from '../../typescript/fork-typescript.fixture.js';

const PROGRAM = new URL('./faked-process.fixture.ts', import.meta.url);

describe.each(['sinon', 'node'])(
  'in a process whose timers %s faked before it loaded the library',
  (name) => {
    it('every caller waits as long as it may, in the time that there is', async () => {
      const child = forkTypeScript(PROGRAM, { env: { FAKES: name } });
      let told: unknown;
      child.once('message', (lines) => (told = lines));
      const [code] = (await once(child, 'exit')) as [number];
      expect([code, told]).toEqual([
        0,
        [
          '2000: AcquireTimeoutError',
          '50: AcquireTimeoutError',
          '20: AcquireTimeoutError',
          'age from 0: true',
          '3000: AcquireTimeoutError',
          '1000: AcquireTimeoutError',
          'clean: false',
        ],
      ]);
    });
  },
);

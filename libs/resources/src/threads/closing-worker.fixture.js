// A worker module for tests that has something to close before its thread ends, and comes to a bad end then if it was told to.
import { appendFileSync } from 'node:fs';

const { TRACE, CLOSE, START } = process.env;
const trace = (what) => appendFileSync(TRACE, `${what}\n`);

const ends = {
  throws: () => {
    throw new TypeError('the door is stuck');
  },
  hangs: () => new Promise(() => setInterval(() => undefined, 1_000)),
  spins: () => {
    for (;;);
  },
  exits: () => process.exit(3),
  exitsWell: () => process.exit(0),
  crashes: () =>
    new Promise(() =>
      setImmediate(() => {
        throw new TypeError('the door has fallen');
      }),
    ),
};

export const echo = (input) => input;
Object.defineProperty(echo, Symbol.for('nestjs-resources:worker-context'), {
  value: {
    start: async (functions) => {
      await ends[START]?.();
      trace(`started with ${[...functions.keys()].join()}`);
    },
    close: async () => {
      trace('closes');
      await ends[CLOSE]?.();
      trace('closed');
    },
  },
});

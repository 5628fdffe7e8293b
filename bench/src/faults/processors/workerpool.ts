import { fileURLToPath } from 'node:url';
import { pool as openPool } from 'workerpool';
import { type ProcessorContender, serve } from './contender.js';
import { fileOf } from './files.js';
import { LIMITS } from './limits.js';

/** workerpool, in threads. It knows no signals: its users cancel the promise. */
export const workerpool: ProcessorContender = {
  name: 'workerpool',
  start: (asked) =>
    serve(asked, (threads) => {
      const broken = asked.cell.fault === 'throwsAtImport';
      const pool = openPool(fileURLToPath(fileOf(broken ? 'throws-at-import' : 'workerpool-worker')), {
        workerType: 'thread',
        minWorkers: broken ? 0 : threads,
        maxWorkers: threads,
        workerThreadOpts: { resourceLimits: { maxOldGenerationSizeMb: LIMITS.megabytes } },
      });
      return {
        run: async (name, input, signal) => {
          const running = pool.exec(name, [input]);
          signal?.addEventListener('abort', () => void running.cancel());
          return (await running) as unknown;
        },
        close: async () => await pool.terminate(false, LIMITS.drain),
      };
    }),
};

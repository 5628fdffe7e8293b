import { Piscina } from 'piscina';
import { type ProcessorContender, serve } from './contender.js';
import { fileOf } from './files.js';
import { LIMITS } from './limits.js';

/** A pool of piscina alone. */
export const piscina: ProcessorContender = {
  name: 'piscina',
  start: (asked) =>
    serve(asked, (threads) => {
      const pool = new Piscina({
        filename: fileOf(asked.cell.fault === 'throwsAtImport' ? 'throws-at-import' : 'functions').href,
        minThreads: asked.cell.fault === 'throwsAtImport' ? 0 : threads,
        maxThreads: threads,
        closeTimeout: LIMITS.drain,
        resourceLimits: { maxOldGenerationSizeMb: LIMITS.megabytes },
      });
      pool.on('error', () => undefined);
      return {
        run: (name, input, signal) => pool.run(input, { name, ...(signal !== undefined && { signal }) }),
        close: () => pool.close(),
      };
    }),
};

/* A process whose pool tries to create, and can't, and which has nothing else to do. Run on its own, see failing-pool.spec.ts. */
import { ResourcePool } from 'nestjs-resources/pool';

let attempts = 0;
const pool = new ResourcePool<object>(
  {
    create: () => {
      attempts++;
      throw new Error('connection refused');
    },
  },
  { creation: { retry: { attempts: 1 } } },
);
await pool.acquire().catch(() => undefined);
process.once('exit', () => process.send?.(attempts));

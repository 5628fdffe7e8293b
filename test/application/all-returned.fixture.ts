import { expect } from '@jest/globals';
import type { AppProcess } from './app-process.fixture.js';
import { eventually } from '../eventually.fixture.js';

/** No lease is out, and nobody waits for one. */
export async function expectAllReturned(app: AppProcess): Promise<void> {
  await eventually(async () => {
    const { pools, leases } = await app.resources();
    expect({ leases, leased: pools.pg.leased, pending: pools.pg.pending }).toEqual({
      leases: [],
      leased: 0,
      pending: 0,
    });
  });
}

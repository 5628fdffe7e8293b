import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Pool } from 'pg';
import type { Contender } from './contender.js';
import { Loans } from './loans.js';
import { ourPool } from './pooled-loans.js';
import { SESSIONS } from './sessions.js';

/** What is written by hand without this library: whoever borrows gives it back, as it is. */
@Injectable()
class HandReleasedLoans extends Loans implements OnModuleDestroy {
  private readonly pool: Pool;

  constructor(url: string) {
    super();
    this.pool = new Pool({ connectionString: url, max: SESSIONS });
  }

  async inRequest(): Promise<unknown> {
    const client = await this.pool.connect();
    try {
      return await client.query('SELECT 1');
    } finally {
      client.release();
    }
  }

  onModuleDestroy(): Promise<void> {
    return this.pool.end();
  }
}

/** In the same application: the module is there, and nothing borrows from it. */
export const handReleased: Contender = (url) => ({ ...withoutModule(url), imports: [ourPool(url)] });

export const withoutModule: Contender = (url) => ({
  imports: [],
  loans: { provide: Loans, useFactory: () => new HandReleasedLoans(url) },
});

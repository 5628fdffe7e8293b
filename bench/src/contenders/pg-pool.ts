import { EventEmitter } from 'node:events';
import { type Client, Pool, type PoolClient } from 'pg';
import type { ContenderEntry } from './contender.js';

type Done = (error?: Error) => void;

/** As much of a client as the pool looks at, without a server. */
class FakeClient extends EventEmitter {
  readonly _queryable = true;

  connect(done: Done): void {
    process.nextTick(done);
  }

  end(done: Done): void {
    process.nextTick(done);
  }
}

export const pgPool: ContenderEntry = {
  name: 'pg-pool',
  open: ({ max, timeout }) => {
    const pool = new Pool({
      max,
      connectionTimeoutMillis: timeout ?? 0,
      // The pool takes any class with this surface; the types know only the real one.
      Client: FakeClient as unknown as typeof Client,
    });
    return {
      acquire: () => pool.connect(),
      release: (held) => (held as PoolClient).release(),
      close: () => pool.end(),
    };
  },
};

import type { PoolOptions } from '../pool/pool-options.js';
import type { ResourceDefinition } from './resource-definition.js';

/** How often a creation of {@link Sessions} is tried. */
export const ONE_TRY = { retry: { attempts: 1 } };

export interface Session {
  readonly id: number;
}

/** Makes sessions numbered from 1, and remembers what became of them. Each creation is tried once. */
export class Sessions {
  created = 0;
  readonly destroyed: number[] = [];
  /** In the order in which they came back. */
  readonly reset: number[] = [];
  /** While set, creation fails with it. */
  failure: Error | undefined;
  /** Creation waits for it. */
  ready: Promise<void> | undefined;

  definition(pool: PoolOptions = {}): ResourceDefinition<Session> {
    return {
      create: async () => {
        await this.ready;
        if (this.failure !== undefined) throw this.failure;
        return { id: ++this.created };
      },
      reset: ({ id }) => {
        this.reset.push(id);
      },
      destroy: ({ id }) => {
        this.destroyed.push(id);
      },
      pool: { creation: ONE_TRY, ...pool },
    };
  }

  get alive(): number {
    return this.created - this.destroyed.length;
  }
}

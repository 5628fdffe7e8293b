import { Pool } from 'tarn';
import type { FaultyResource } from '../faulty-factory.js';
import { LIMITS } from '../limits.js';
import type { FaultContender } from './faultable-pool.js';

export const tarn: FaultContender = {
  name: 'tarn',
  phases: ['create', 'validate', 'destroy'],
  open: (factory) => {
    const pool = new Pool<FaultyResource>({
      create: () => factory.create(),
      // Its types want a boolean at once; its code waits for a promise.
      validate: ((resource: FaultyResource) => factory.validate(resource)) as unknown as () => boolean,
      destroy: (resource) => factory.destroy(resource),
      min: 0,
      max: LIMITS.max,
      acquireTimeoutMillis: LIMITS.acquireTimeout,
      createTimeoutMillis: LIMITS.createTimeout,
      destroyTimeoutMillis: LIMITS.destroyTimeout,
      createRetryIntervalMillis: LIMITS.retryInterval,
    });
    return {
      acquire: async (signal) => {
        const operation = pool.acquire();
        signal.addEventListener('abort', () => operation.abort(), { once: true });
        const resource = await operation.promise;
        return {
          resource,
          release: () => pool.release(resource),
          // It takes nothing back as broken: its users mark the resource and let the validation refuse it.
          discard: () => {
            resource.broken = true;
            pool.release(resource);
          },
        };
      },
      close: () => pool.destroy(),
    };
  },
};

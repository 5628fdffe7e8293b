import { EventEmitter } from 'node:events';
import { type Client, Pool } from 'pg';
import type { FaultyFactory, FaultyResource } from '../faulty-factory.js';
import { LIMITS } from '../limits.js';
import { type FaultContender, walkAway } from './faultable-pool.js';

type Done = (error?: Error) => void;

/** A client whose connection is a faulty resource; as the real one, it ends what arrives after the pool hung up. */
class FaultyClient extends EventEmitter {
  readonly _queryable = true;
  readonly connection = { stream: { destroy: (): void => this.hangUp() } };
  resource?: FaultyResource;
  private gaveUp = false;
  private connected: Done = () => undefined;

  constructor(private readonly factory: FaultyFactory) {
    super();
  }

  connect(done: Done): void {
    this.connected = done;
    this.factory.create().then(
      (resource) => this.arrive(resource),
      (error: Error) => !this.gaveUp && done(error),
    );
  }

  end(done: Done = () => undefined): void {
    if (this.resource === undefined) done();
    else this.factory.destroy(this.resource).then(() => done(), done);
  }

  private arrive(resource: FaultyResource): void {
    this.resource = resource;
    if (this.gaveUp) this.end();
    else this.connected();
  }

  private hangUp(): void {
    if (this.resource !== undefined || this.gaveUp) return;
    this.gaveUp = true;
    process.nextTick(() => this.connected(new Error('Connection terminated')));
  }
}

export const pgPool: FaultContender = {
  name: 'pg-pool',
  phases: ['create', 'validate', 'destroy'],
  open: (factory) => {
    const resourceOf = (client: unknown): FaultyResource => {
      const { resource } = client as FaultyClient;
      if (resource === undefined) throw new Error('lent without a connection');
      return resource;
    };
    class ClientOfFactory extends FaultyClient {
      constructor() {
        super(factory);
      }
    }
    const pool = new Pool({
      max: LIMITS.max,
      connectionTimeoutMillis: LIMITS.acquireTimeout,
      // Only new clients are ever verified.
      verify: (client, done) => {
        factory
          .validate(resourceOf(client))
          .then((valid) => done(valid ? undefined : new Error('invalid')), done);
      },
      // The pool takes any class with this surface; the types know only the real one.
      Client: ClientOfFactory as unknown as typeof Client,
    });
    pool.on('error', () => undefined);
    const acquire = async () => {
      const client = await pool.connect();
      return {
        resource: resourceOf(client),
        release: () => client.release(),
        discard: () => client.release(true),
      };
    };
    return { acquire: (signal) => walkAway(acquire(), signal), close: () => pool.end() };
  },
};

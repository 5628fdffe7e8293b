import { EventEmitter } from 'node:events';
import type { ClientBase } from 'pg';
import type { CreateContext } from 'nestjs-resources/pool';

/** A session as pg-pool and our factory use it, without a server. It keeps what a borrower has set, as a session does. */
export class FakeClient extends EventEmitter {
  /** How many have been connected, and which of them are open. */
  static connected = 0;
  static readonly open = new Set<FakeClient>();
  /** What the next `connect` fails with. */
  static refusal: Error | undefined;
  /** Whether `connect` ever answers. */
  static answers = true;

  readonly _queryable = true;
  /** Settings that outlive the query that made them, such as a search path. */
  setting = 'default';

  static forget(): void {
    FakeClient.connected = 0;
    FakeClient.open.clear();
    FakeClient.refusal = undefined;
    FakeClient.answers = true;
  }

  connect(done: (error?: Error) => void): void {
    FakeClient.connected++;
    const { refusal } = FakeClient;
    if (refusal === undefined) FakeClient.open.add(this);
    if (FakeClient.answers) setImmediate(() => done(refusal));
  }

  isConnected(): boolean {
    return FakeClient.open.has(this);
  }

  async query(setting: string): Promise<string> {
    this.setting = setting;
    return setting;
  }

  end(done?: () => void): void {
    FakeClient.open.delete(this);
    if (done !== undefined) setImmediate(done);
  }
}

/** As pg-pool takes it. */
export const Client = FakeClient as unknown as new () => ClientBase;

/** The factory that takes the place of pg-pool's own. */
export const sessions = {
  create: ({ retire }: CreateContext): Promise<FakeClient> =>
    new Promise((resolve, reject) => {
      const client = new FakeClient();
      client.on('error', retire);
      client.connect((error) => (error === undefined ? resolve(client) : reject(error)));
    }),
  reset: (client: FakeClient): void => {
    client.setting = 'default';
  },
  destroy: (client: FakeClient): void => client.end(),
};

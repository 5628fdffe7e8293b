/*
 * An application with the plugin of nestjs-cls, in a process of its own: the plugin is CommonJS, and Jest can't give it a Nest that is none.
 * It is told a URL, and answers each call with a `result` or a `failure`.
 */
import { type INestApplicationContext, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClsPluginTransactional,
  Propagation,
  Transactional,
  TransactionHost,
} from '@nestjs-cls/transactional';
import { ClsModule } from 'nestjs-cls';
import { ResourceCoordinator, ResourcesModule } from 'nestjs-resources';
import {
  type ClsTransactionOptions,
  transactionalAdapter,
  type TransactionalAdapterOptions,
} from 'nestjs-resources/cls';
import { pgResource } from 'nestjs-resources/pg';
import { expectNoLeases } from 'nestjs-resources/testing';
import type { Client } from 'pg';

const WRITE = 'INSERT INTO names (name) VALUES ($1) RETURNING pg_current_xact_id()::text AS xid';
const TERMS = `SELECT current_setting('transaction_isolation') AS isolation, current_setting('transaction_read_only') AS access`;

type Adapter = ReturnType<typeof transactionalAdapter<Client>>;

@Injectable()
class Names {
  constructor(
    private readonly host: TransactionHost<Adapter>,
    private readonly coordinator: ResourceCoordinator,
  ) {}

  /** @returns in which transaction it was */
  async byHost(name: string): Promise<string> {
    return (await this.host.tx.query<{ xid: string }>(WRITE, [name])).rows[0].xid;
  }

  /** As code does that knows nothing of the host. */
  async byCoordinator(name: string): Promise<string> {
    return await this.coordinator.use<Client, string>(
      'pg',
      async (client) => (await client.query<{ xid: string }>(WRITE, [name])).rows[0].xid,
    );
  }

  @Transactional()
  async joined(name: string): Promise<string> {
    return await this.byHost(name);
  }

  @Transactional(Propagation.RequiresNew)
  async apart(name: string): Promise<string> {
    return await this.byHost(name);
  }

  @Transactional(Propagation.Nested)
  async nestedAndFailed(name: string): Promise<void> {
    await this.byHost(name);
    throw new Error('undone');
  }

  @Transactional<Adapter>({ isolation: 'SERIALIZABLE', readOnly: true })
  async terms(): Promise<unknown> {
    return (await this.host.tx.query<Record<string, string>>(TERMS)).rows[0];
  }

  @Transactional()
  async defaultTerms(): Promise<unknown> {
    return (await this.host.tx.query<Record<string, string>>(TERMS)).rows[0];
  }

  @Transactional()
  async all(fails: boolean): Promise<string[]> {
    const xids = [
      await this.byHost('host'),
      await this.byCoordinator('coordinator'),
      await this.joined('joined'),
    ];
    await this.nestedAndFailed('nested').catch(() => undefined);
    xids.push(await this.apart('apart'), await this.byHost('after'));
    if (fails) throw new Error('all of it');
    return xids;
  }

  async inCoordinators(): Promise<void> {
    await this.coordinator.transaction<Client>('pg', async () => {
      await this.joined('joined');
      throw new Error('all of it');
    });
  }
}

async function start(options: TransactionalAdapterOptions<Client>): Promise<INestApplicationContext> {
  const connection = { connectionString: process.argv[2], application_name: 'orders' };
  const adapter = transactionalAdapter<Client>('pg', options);
  @Module({
    imports: [
      ResourcesModule.forRoot({ resources: { pg: pgResource({ connection, pool: { max: 3 } }) } }),
      ClsModule.forRoot({ plugins: [new ClsPluginTransactional({ adapter })] }),
    ],
    providers: [Names],
  })
  class AppModule {}
  return await NestFactory.createApplicationContext(AppModule, { logger: false });
}

/** One that answers with what it was asked. */
const ECHO = {
  query: async (text: string) => ({ rows: [{ xid: text }] }),
} as unknown as Client;

interface Asked {
  readonly call: string;
  readonly fallback?: boolean;
  readonly defaults?: ClsTransactionOptions;
}

const CALLS: Record<string, (names: Names) => Promise<unknown>> = {
  all: (names) => names.all(false),
  allFails: (names) => names.all(true),
  inCoordinators: (names) => names.inCoordinators(),
  terms: (names) => names.terms(),
  defaultTerms: (names) => names.defaultTerms(),
  withoutTransaction: (names) => names.byHost('none'),
};

process.on('message', ({ call, fallback, defaults }: Asked) => {
  void (async () => {
    const app = await start({
      ...(defaults !== undefined && { defaults }),
      ...(fallback === true && { fallback: () => ECHO }),
    });
    const answer = await CALLS[call](app.get(Names)).then(
      (result) => ({ result }),
      ({ name, message }: Error) => ({ failure: `${name}: ${message}` }),
    );
    await expectNoLeases(app);
    await app.close();
    process.send?.(answer);
  })();
});

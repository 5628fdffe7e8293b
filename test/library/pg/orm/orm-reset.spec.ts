import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from 'nestjs-resources';
import { pgResource } from 'nestjs-resources/pg';
import { Client } from 'pg';
import { Postgres } from '../../../application/postgres.fixture.js';
import { extensions, extensionsSeenIn, SCHEMA, seenIn } from '../reset.fixture.js';
import { EXTENSION_WAYS, TEXT_WAYS, type Way } from '../ways-to-leave-state.fixture.js';
import { KINDS } from './clients.fixture.js';
import { ORM_TABLE, type OrmClient, type OrmKind } from './clients/orm-client.fixture.js';

/** What a borrower finds in a session. */
type Look = (client: Client) => Promise<Record<string, unknown>>;

let postgres: Postgres;
let rich: string;

beforeAll(async () => {
  postgres = await Postgres.start();
  await postgres.query(`${SCHEMA}; ${ORM_TABLE}`);
  await postgres.query(`SELECT pg_replication_origin_create('origin')`);
  await postgres.query('CREATE DATABASE rich');
  const url = new URL(postgres.url);
  const { username, password, port } = url;
  url.pathname = 'rich';
  rich = url.href;
  const self = `host=127.0.0.1 port=${port} user=${username} password=${password} dbname=rich`;
  const client = new Client(rich);
  await client.connect();
  await client.query(`${SCHEMA}; ${ORM_TABLE}`);
  await client.query(extensions('rich', self));
  await client.end();
});

afterAll(() => postgres.stop());

/** One library, on one session that is always lent anew. */
class Trial {
  private constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly client: OrmClient,
    private readonly given: string[],
    private readonly look: Look,
    private readonly fresh: Record<string, unknown>,
  ) {}

  static async of({ open }: OrmKind, connection: string, look: Look): Promise<Trial> {
    const given: string[] = [];
    const pg = notingTexts(
      pgResource({ connection, pool: { max: 1, validation: { timeout: '1s' } } }),
      given,
    );
    const coordinator = new ResourceCoordinator({ resources: { pg } });
    const client = await open(coordinator.pgPool('pg'));
    return new Trial(coordinator, client, given, look, await coordinator.use('pg', look));
  }

  async expectUnseen({ text = '' }: Way, leave: (client: OrmClient, text: string) => Promise<unknown>) {
    this.given.length = 0;
    await leave(this.client, text).catch(() => undefined); // not each library can read each answer
    expect(this.given).toContain(text);
    expect(await this.coordinator.use('pg', this.look)).toEqual(this.fresh);
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.coordinator.cleanup();
  }
}

/** Notes what its sessions are given. */
function notingTexts(definition: ReturnType<typeof pgResource>, given: string[]): typeof definition {
  return {
    ...definition,
    async create(context) {
      const client = await definition.create(context);
      const { query } = client as { query: (...args: unknown[]) => unknown }; // in any of its forms
      const noting = (...args: unknown[]): unknown => {
        const [statement] = args as [string | { text: string }];
        given.push(typeof statement === 'string' ? statement : statement.text);
        return Reflect.apply(query, client, args);
      };
      return Object.assign(client, { query: noting });
    },
  };
}

const alone = (client: OrmClient, text: string): Promise<unknown> => client.run(text);
const inTransaction = (client: OrmClient, text: string): Promise<unknown> =>
  client.transaction((transaction) => transaction.run(text));

const named = (ways: readonly Way[]): [string, Way][] => ways.map((way) => [way.name, way]);

describe.each(KINDS)('reset: auto, by $name', (kind) => {
  describe.each([
    ['in a database of its own functions', () => postgres.url, seenIn, TEXT_WAYS],
    ['in a database with extensions', () => rich, extensionsSeenIn, EXTENSION_WAYS],
  ] as const)('%s', (_, url, look, ways) => {
    let trial: Trial;

    beforeAll(async () => {
      trial = await Trial.of(kind, url(), look);
    });

    afterAll(() => trial.close());

    it.each(named(ways))('lets nobody see what is left by %s', (_, way) => trial.expectUnseen(way, alone));

    it.each(named(ways))('lets nobody see what a transaction has left by %s', (_, way) =>
      trial.expectUnseen(way, inTransaction),
    );
  });

  afterAll(() => kind.forget?.());
});

import { describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { connectionOf } from './connection-of.js';

const PASSWORD = `n%w/w&rd #?'ü`;

async function clientOf(connection: string, secret: unknown): Promise<Client> {
  const { signal } = new AbortController();
  return new Client(
    await connectionOf({ connection, serverTimeout: undefined }, { secret, signal, key: '' } as never),
  ); // as far as it is read
}

describe('a connection string', () => {
  it.each([
    'postgres://db.example/orders',
    'postgres://old:stale@db.example/orders',
    'postgres://old:st%20le@db.example:5433/orders?application_name=a%20b',
    'postgres://db.example/orders?user=old&password=stale',
    'postgres://db.example/orders?options=-c search_path=a',
    'postgres://db.example/orders#part',
    'postgres://old:stale@/orders?host=/run/postgresql',
    'postgres:///orders?host=/run/postgresql',
    'postgres://old:stale@%2Frun%2Fpostgresql/orders',
    'socket:/run/postgresql?db=orders',
    'socket://old:stale@/run/postgresql?db=orders',
    '/run/postgresql orders',
  ])('%s takes its login from the secret', async (connection) => {
    const client = await clientOf(connection, { user: 'new', password: PASSWORD });
    const { host, port, database } = new Client(connection) as Client & { database: string };
    expect(client).toMatchObject({ user: 'new', password: PASSWORD, host, port, database });
  });

  it.each([
    'postgres://old:stale@db.example/orders',
    'postgres://db.example/orders?user=old&password=stale',
    'postgres://old:stale@/orders?host=/run/postgresql',
  ])('%s keeps its user where the secret is a password', async (connection) => {
    const client = await clientOf(connection, PASSWORD);
    expect(client).toMatchObject({ user: 'old', password: PASSWORD });
  });
});

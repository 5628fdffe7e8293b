import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expectAllReturned } from './all-returned.fixture.js';
import { AppProcess } from './app-process.fixture.js';
import { HttpClient } from './http-client.fixture.js';
import { Postgres } from './postgres.fixture.js';

describe.each(['express', 'fastify'])('the notes of tenants on %s', (adapter) => {
  let postgres: Postgres;
  let app: AppProcess;
  let http: HttpClient;

  beforeAll(async () => {
    postgres = await Postgres.start();
    app = await AppProcess.start({ ADAPTER: adapter, DATABASE_URL: postgres.url, POOL_MAX: '2' });
    http = new HttpClient(app.url);
  });

  afterAll(async () => {
    http.close();
    await app.stop();
    await postgres.stop();
  });

  const write = (tenant: string, text: string): Promise<unknown> =>
    http.json({ method: 'POST', path: '/notes', body: { text }, headers: { 'x-tenant': tenant } });

  async function textsOf(tenant: string): Promise<string[]> {
    const { body } = await http.json({ path: '/notes', headers: { 'x-tenant': tenant } });
    return (body as { text: string }[]).map(({ text }) => text);
  }

  it('are seen by the tenant who wrote them, and by nobody else', async () => {
    expect(await write('ada', 'call Bob')).toMatchObject({ status: 201, body: { text: 'call Bob' } });
    await write('bob', `it's "Ada's"`);
    expect(await textsOf('ada')).toEqual(['call Bob']);
    expect(await textsOf('bob')).toEqual([`it's "Ada's"`]);
    expect(await textsOf(`x' OR true --`)).toEqual([]);
  });

  it('stay apart when many ask at once on two sessions', async () => {
    const tenants = Array.from({ length: 20 }, (_, index) => `tenant ${index}`);
    await Promise.all(
      tenants.flatMap((tenant) => ['a', 'b'].map((text) => write(tenant, `${text} of ${tenant}`))),
    );
    const seen = await Promise.all(tenants.map(async (tenant) => (await textsOf(tenant)).toSorted()));
    expect(seen).toEqual(tenants.map((tenant) => [`a of ${tenant}`, `b of ${tenant}`]));
    await expectAllReturned(app);
  });

  it.each([undefined, ''])('are of nobody who says he is %j', async (tenant) => {
    const headers = tenant === undefined ? {} : { 'x-tenant': tenant };
    expect(await http.json({ path: '/notes', headers })).toMatchObject({ status: 400 });
  });

  it.each([{}, { text: '' }, [], 'text'])('refuse %j', async (body) => {
    const headers = { 'x-tenant': 'ada', 'content-type': 'application/json' };
    const question = { method: 'POST', path: '/notes', body: JSON.stringify(body), headers } as const;
    expect(await http.json(question)).toMatchObject({ status: 400 });
  });

  it('are hidden where nobody says for whom, and cost no session', async () => {
    await write('ada', 'before');
    const rows = await postgres.query<{ count: number }>('SELECT count(*)::int AS count FROM notes');
    expect(rows[0].count).toBeGreaterThan(0); // a superuser sees them all
    await expectAllReturned(app);
    const { pools } = await app.resources();
    expect(pools.pg).toMatchObject({ size: 2, destroyed: 0 });
  });
});

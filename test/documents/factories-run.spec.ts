import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MarkdownDocument } from './document.fixture.js';
import { handbook } from './pages.fixture.js';
import { StartedApplication } from './started-application.fixture.js';

/** Options beside those of the guide. */
const NO_MORE = '{}';

/** Tries a factory as the guide does, and prints what was tried. */
const check = (imports: string, factory: string, more = NO_MORE): string => `
  import { checkFactory } from 'nestjs-resources/testing';
  import { startPostgresCheck } from './postgres-check.js';
  ${imports}
  const { options, end } = await startPostgresCheck();
  process.env.READ_URL = process.env.WRITE_URL = process.env.DATABASE_URL;
  const { checks } = await checkFactory(${factory}, { ...options, ...${more} });
  await end();
  console.log(checks.join());
`;

const ALL = 'create,destroy,abort,reset,kill,silence\n';
/** Others may be using what is cached, and so nobody resets it. */
const OF_CACHED = 'create,destroy,abort,kill,silence\n';

const forTenant = "{ key: 'acme' }";
const cached = "{ key: 'acme', spoil: undefined, isClean: undefined }";

describe("the guide's factories, tried against PostgreSQL", () => {
  let guide: StartedApplication;

  beforeAll(async () => {
    guide = await StartedApplication.prepare(handbook());
    await guide.query('CREATE DATABASE tenant_acme');
  });

  afterAll(async () => {
    await guide.remove();
  });

  it.each([
    ['pg.resource.ts', 'pg', 'pg', NO_MORE],
    ['pg.factory.ts', 'ReportingFactory', 'new ReportingFactory({ url: process.env.DATABASE_URL })', NO_MORE],
    ['tenants.ts', 'tenant', 'tenant', forTenant],
    ['budget.ts', 'sessions', "sessions['pg:read']", NO_MORE],
    ['budget.ts', 'sessions', "sessions['pg:write']", NO_MORE],
    ['careful-pg.ts', 'carefulPg', 'carefulPg', NO_MORE],
  ])('that of %s is safe: %s', async (file, name, factory, more) => {
    const imports = `import { ${name} } from './${file.replace('.ts', '.js')}';`;
    expect(await guide.evaluate(check(imports, factory, more))).toBe(ALL);
  });

  it('that of a rotation is safe', async () => {
    const imports = "import { Rotation } from './rotation.js'; let factory;";
    const make = `(new Rotation({ reconfigure: (_, change) => ({ factory } = change) }).use(process.env.DATABASE_URL), factory)`;
    expect(await guide.evaluate(check(imports, make))).toBe(ALL);
  });

  it('that of a cached resource is safe', async () => {
    const imports = "import { TenantDbFactory } from './invoices.js';";
    const factory = 'new TenantDbFactory({ url: process.env.DATABASE_URL })';
    expect(await guide.evaluate(check(imports, factory, cached))).toBe(OF_CACHED);
  });

  it('shows each tenant its own rows, by the policy of its migration', async () => {
    const tries = `
      import { Client } from 'pg';
      import { ResourceCoordinator } from 'nestjs-resources';
      import { tenantOrders } from './tenant-orders-pg.js';
      import { up } from './tenant-orders.migration.js';
      import { TenantInvoices } from './tenant-invoices.js';
      const owner = new Client(process.env.DATABASE_URL);
      await owner.connect();
      await up(owner);
      await owner.query("CREATE ROLE tenants LOGIN PASSWORD 'tenants'; GRANT ALL ON tenant_orders TO tenants");
      const url = new URL(process.env.DATABASE_URL);
      url.username = url.password = 'tenants';
      process.env.TENANT_ORDERS_URL = url.href;
      const coordinator = new ResourceCoordinator({ resources: { tenantOrders } });
      const [acme, beta] = [1, 2].map((number) => '00000000-0000-4000-8000-00000000000' + number);
      for (const [tenant, total] of [[acme, 1], [beta, 2], [acme, 3]])
        await coordinator.use('tenantOrders', async (client) => {
          await client.query('BEGIN');
          await client.query('INSERT INTO tenant_orders (total) VALUES ($1)', [total]);
          await client.query('COMMIT');
        }, { tenant });
      const invoices = new TenantInvoices(coordinator);
      const unset = await coordinator.use('tenantOrders', (client) => client.query('SELECT FROM tenant_orders'));
      const none = await invoices.total('nobody').catch(({ code }) => code);
      console.log(await invoices.total(acme), await invoices.total(beta), unset.rowCount, none);
      await coordinator.cleanup();
      await owner.end();
    `;
    expect(await guide.evaluate(tries)).toBe('4 2 0 22P02\n');
  });

  it("are tried by the guide's own test", async () => {
    const itself = "import { checkPg } from './pg.resource.check.js'; await checkPg();";
    expect(await guide.evaluate(itself)).toBe('');
  });
});

describe("the README's factory, tried against PostgreSQL", () => {
  let example: StartedApplication;

  beforeAll(async () => {
    example = await StartedApplication.prepare(
      ['README.md', 'docs/guide/testing.md'].map((path) => new MarkdownDocument(path)),
    );
  });

  afterAll(async () => {
    await example.remove();
  });

  it('is safe', async () => {
    expect(await example.evaluate(check("import { pg } from './pg.resource.js';", 'pg'))).toBe(ALL);
  });
});

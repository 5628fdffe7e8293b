import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Injectable, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  PooledResource,
  ResourceCoordinator,
  ResourcesModule,
  type ScopedLease,
  Transactional,
} from 'nestjs-resources';
import { pgResource } from 'nestjs-resources/pg';
import { Deferred } from '../../../../libs/resources/src/pool/deferred.fixture.js';
import { eventually } from '../../../eventually.fixture.js';
import { Accounts, add, type Client } from './accounts.fixture.js';

let begun = new Deferred();
let goOn = new Deferred();

@Injectable()
class Names {
  constructor(@PooledResource('pg') readonly pg: ScopedLease<Client>) {}

  async add(name: string): Promise<void> {
    await add(await this.pg.acquire(), name);
  }

  @Transactional({ propagation: 'REQUIRES_NEW' })
  async note(name: string): Promise<void> {
    await this.add(name);
  }

  @Transactional()
  async addSlowly(name: string): Promise<void> {
    await this.add(name);
    begun.resolve();
    await goOn.promise;
    await this.add(`${name}2`);
  }
}

@Controller()
class NamesController {
  constructor(
    readonly names: Names,
    @PooledResource('pg') readonly pg: ScopedLease<Client>,
  ) {}

  @Get('slow')
  async slow(): Promise<void> {
    await this.names.addSlowly('slow');
  }

  @Get('fails')
  @Transactional()
  async fails(): Promise<void> {
    await this.names.add('fails');
    await this.names.note('noted');
    throw new Error('no');
  }

  @Get('left')
  async left(): Promise<void> {
    await (await this.pg.acquire()).query('BEGIN');
    await this.names.add('left');
  }
}

describe('a transaction in a request', () => {
  let accounts: Accounts;
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    accounts = await Accounts.open();
  });

  afterEach(async () => {
    goOn.resolve();
    await app.close();
    await accounts.clear();
  });

  afterAll(() => accounts.stop());

  async function start(maxLeaseTime?: number): Promise<ResourceCoordinator> {
    begun = new Deferred();
    goOn = new Deferred();
    const pool = { max: 2, ...(maxLeaseTime !== undefined && { maxLeaseTime }) };
    const pg = pgResource({ connection: accounts.postgres.url, pool });
    const module = await Test.createTestingModule({
      imports: [ResourcesModule.forRoot({ resources: { pg } })],
      providers: [Names],
      controllers: [NamesController],
    }).compile();
    app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
    return app.get(ResourceCoordinator);
  }

  async function hangUpInTheMiddle(): Promise<void> {
    const controller = new AbortController();
    const answer = fetch(`${url}/slow`, { signal: controller.signal }).catch(() => undefined);
    await begun.promise;
    controller.abort();
    await answer;
  }

  it('whose client has hung up is kept, all of it, when its work ends', async () => {
    const coordinator = await start();
    await hangUpInTheMiddle();
    expect(coordinator.stats().pools['pg']?.leased).toBe(1);
    goOn.resolve();
    await eventually(() => expect(coordinator.stats().pools['pg']?.leased).toBe(0));
    expect(await accounts.names()).toEqual(['slow', 'slow2']);
  });

  it('whose client has hung up, and whose work never ends, is not kept, nor its session lent on', async () => {
    const coordinator = await start(300);
    await hangUpInTheMiddle();
    await eventually(() => expect(coordinator.stats().pools['pg']?.retired.leaked).toBe(1));
    goOn.resolve();
    await eventually(() => expect(coordinator.stats()).toMatchObject({ scopes: 0 }));
    expect(await accounts.names()).toEqual([]);
  });

  it('that fails leaves nothing but what was begun beside it', async () => {
    await start();
    expect((await fetch(`${url}/fails`)).status).toBe(500);
    expect(await accounts.names()).toEqual(['noted']);
  });

  it('that somebody has begun by himself, and left open, is undone with the request', async () => {
    const coordinator = await start();
    expect((await fetch(`${url}/left`)).status).toBe(200);
    await eventually(() => expect(coordinator.stats().pools['pg']).toMatchObject({ leased: 0, idle: 1 }));
    await coordinator.transaction<Client>('pg', (client) => add(client, 'next'));
    expect(await accounts.names()).toEqual(['next']);
  });
});

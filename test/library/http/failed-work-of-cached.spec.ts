import {
  Controller,
  type ArgumentsHost,
  Get,
  Injectable,
  Logger,
  NotFoundException,
  Param,
} from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CachedResource, ResourceCoordinator, type ScopedLease } from 'nestjs-resources';
import { Client } from './client.fixture.js';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';

interface Index {
  readonly serial: number;
}

const gone = Object.assign(new Error('connection terminated'), { code: '57P01' });
const slip = Object.assign(new Error('no such field'), { code: '42703' });

/** Throws where there is no code. */
const isFatal = (error: unknown): boolean => (error as { code: string }).code.startsWith('57');

const ofRequest = (context: ArgumentsHost): string =>
  context.switchToHttp().getRequest<{ params: { key: string } }>().params.key;

@Injectable()
class Search {
  constructor(@CachedResource('index', 'shared') private readonly index: ScopedLease<Index>) {}

  async find(error: unknown): Promise<void> {
    await this.index.acquire();
    throw error;
  }
}

@Controller()
class SearchController {
  constructor(
    private readonly search: Search,
    private readonly coordinator: ResourceCoordinator,
  ) {}

  @Get('parameter/:key')
  parameter(@CachedResource('index', ofRequest) _index: ScopedLease<Index>): void {
    throw gone;
  }

  @Get('service/:key')
  service(): Promise<void> {
    return this.search.find(gone);
  }

  @Get('taken/:key')
  async taken(@Param('key') key: string): Promise<void> {
    await this.coordinator.acquireCached('index', key);
    throw gone;
  }

  @Get('job/:key')
  async job(@Param('key') key: string): Promise<void> {
    await this.coordinator.run(async () => {
      await this.coordinator.acquireCached('index', key);
      throw gone;
    });
  }

  @Get('slip/:key')
  slip(@CachedResource('index', ofRequest) _index: ScopedLease<Index>): void {
    throw slip;
  }

  @Get('answer/:key')
  answer(@CachedResource('index', ofRequest) _index: ScopedLease<Index>): void {
    throw new NotFoundException();
  }

  @Get('nothing/:key')
  nothing(@CachedResource('index', ofRequest) _index: ScopedLease<Index>): Promise<void> {
    const nothing: unknown = undefined;
    return Promise.reject(nothing);
  }
}

let server: LendingApp;
let client: Client;
let made: string[];
let destroyed: number[];

afterEach(async () => {
  await server.app.close();
  jest.restoreAllMocks();
});

describe.each(ADAPTERS)('on %s, an error thrown while a cached resource is on loan', (adapter) => {
  beforeEach(async () => {
    jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    made = [];
    destroyed = [];
    const index = {
      create: ({ key }: { key: string }): Index => ({ serial: made.push(key) }),
      destroy: ({ serial }: Index) => void destroyed.push(serial),
      cache: { validation: { isFatal } },
    };
    server = await startLendingApp(
      adapter,
      { resources: {}, cachedResources: { index } },
      { controllers: [SearchController], providers: [Search] },
    );
    client = new Client(server.port);
  });

  const stats = () => server.coordinator.stats();

  it.each(['parameter', 'service', 'taken', 'job'])(
    'takes it out of the cache if isFatal says that it is broken: %s',
    async (path) => {
      for (let request = 0; request < 3; request++)
        expect((await client.get(`/${path}/shared`)).status).toBe(500);
      expect(made).toEqual(['shared', 'shared', 'shared']);
      expect(destroyed).toEqual([1, 2, 3]);
      expect(stats().troubles).toMatchObject([
        { source: 'cache', type: 'index', kind: 'workFailed', count: 3, cause: 'connection terminated' },
      ]);
    },
  );

  it('leaves those of other keys alone', async () => {
    await client.get('/slip/acme');
    await client.get('/parameter/shared');
    await client.get('/slip/acme');
    expect(made).toEqual(['acme', 'shared']);
    expect(destroyed).toEqual([2]);
  });

  it.each(['slip', 'answer'])(
    'leaves it where it is if it says nothing of the resource: %s',
    async (path) => {
      for (let request = 0; request < 3; request++) await client.get(`/${path}/shared`);
      expect(made).toEqual(['shared']);
    },
  );

  it('takes it out, and says so, if isFatal throws', async () => {
    await client.get('/nothing/shared');
    expect(destroyed).toEqual([1]);
    expect(stats().troubles).toMatchObject([
      { source: 'cache', type: 'index', key: 'shared', kind: 'isFatalFailed', count: 1 },
    ]);
  });
});

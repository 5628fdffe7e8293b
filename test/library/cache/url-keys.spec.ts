import { afterEach, describe, expect, it } from '@jest/globals';
import { CACHE_MANAGER, CacheInterceptor } from '@nestjs/cache-manager';
import {
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  Inject,
  Injectable,
  Logger,
  UseInterceptors,
} from '@nestjs/common';
import type { Cache } from 'cache-manager';
import { ADAPTERS, type Adapter, startLendingApp } from '../http/lending-app.fixture.js';

const running: INestApplication[] = [];

afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
  Logger.overrideLogger(false);
});

@Injectable()
class ByUser extends CacheInterceptor {
  protected override trackBy(context: ExecutionContext): string | undefined {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return `answers of ${headers['authorization']}`;
  }
}

@Controller()
class Answers {
  constructor(@Inject(CACHE_MANAGER) readonly manager: Cache) {}

  @Get('by-url')
  @UseInterceptors(CacheInterceptor)
  byUrl(): string {
    return 'answer';
  }

  @Get('by-user')
  @UseInterceptors(ByUser)
  byUser(): string {
    return 'answer';
  }

  @Get('own')
  async own(): Promise<string> {
    await this.manager.set('answer', 'own');
    return (await this.manager.get<string>('answer')) ?? 'none';
  }
}

async function start(adapter: Adapter) {
  const warnings: string[] = [];
  const none = (): void => undefined;
  const options = { cacheManager: true, drainTimeout: '1s' };
  const { app, url } = await startLendingApp(adapter, options, { controllers: [Answers] });
  running.push(app);
  Logger.overrideLogger({ log: none, error: none, warn: (text: string) => void warnings.push(text) });
  const ask = async (path: string, headers: Record<string, string>): Promise<string> =>
    await (await fetch(`${url}/${path}`, { headers })).text();
  return { warnings, ask };
}

const ADA = { authorization: 'Bearer of-ada' };

describe.each(ADAPTERS)('CacheInterceptor on the cache of the coordinator, on %s', (adapter) => {
  it('is warned of once, when it keeps answers to requests with credentials by their URL', async () => {
    const { warnings, ask } = await start(adapter);
    await ask('by-url?secret=1', {});
    expect(warnings).toEqual([]);
    for (const headers of [ADA, { cookie: 'session=1' }])
      expect(await ask('by-url?secret=2', headers)).toBe('answer');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('CacheInterceptor keeps the answer to "/by-url" under its URL');
    expect(warnings[0]).toContain('Override trackBy()');
    expect(warnings[0]).not.toContain('secret');
  });

  it('is warned of for a cookie, too', async () => {
    const { warnings, ask } = await start(adapter);
    await ask('by-url', { cookie: 'session=1' });
    expect(warnings).toHaveLength(1);
  });

  it('is left alone where the key says who asks, and so is other use of the cache', async () => {
    const { warnings, ask } = await start(adapter);
    expect([await ask('by-user', ADA), await ask('own', ADA)]).toEqual(['answer', 'own']);
    expect(warnings).toEqual([]);
  });
});

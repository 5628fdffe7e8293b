import {
  Controller,
  ForbiddenException,
  Get,
  Injectable,
  Param,
  type CanActivate,
  UseGuards,
} from '@nestjs/common';
import { PooledResource, ResourceCoordinator, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import type { AdapterName } from './features.js';
import { Trial } from './trial.js';

interface Session {
  number: number;
}

@Injectable()
class Service {
  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  async number(): Promise<number> {
    return (await this.session.acquire()).number;
  }
}

@Injectable()
class RefusingGuard implements CanActivate {
  @PooledResource('session') private readonly session!: ScopedLease<Session>;

  async canActivate(): Promise<boolean> {
    const { number } = await this.session.acquire();
    throw new ForbiddenException(number);
  }
}

@Controller('lending')
class Lending {
  @PooledResource('session') private readonly property!: ScopedLease<Session>;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly service: Service,
    @PooledResource('session') private readonly session: ScopedLease<Session>,
  ) {}

  @Get('all/:id')
  async all(
    @PooledResource('session') lease: ScopedLease<Session>,
    @Param('id') id: string,
  ): Promise<object> {
    const constructor = (await this.session.acquire()).number;
    const property = (await this.property.acquire()).number;
    return { parameter: lease.resource.number, constructor, property, id };
  }

  /** Answers when two of its kind are there. */
  @Get('pair')
  async pair(): Promise<number> {
    const number = await this.service.number();
    await new Promise<void>((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length === 2) for (const go of this.waiting) go();
    });
    return number;
  }

  @Get('fails')
  fails(@PooledResource('session') lease: ScopedLease<Session>): never {
    throw new Error(`with session ${lease.resource.number}`);
  }

  @Get('refused')
  @UseGuards(RefusingGuard)
  refused(): void {}
}

export async function lend(adapter: AdapterName): Promise<object> {
  let made = 0;
  const session = { create: (): Session => ({ number: ++made }), pool: { max: 2 } };
  const trial = new Trial(adapter, [ResourcesModule.forRoot({ resources: { session } })]);
  const { app, client } = await trial.serve({ controllers: [Lending], providers: [Service, RefusingGuard] });
  const coordinator = app.get(ResourceCoordinator);
  const result = {
    first: JSON.parse((await client.get('/lending/all/a')).body) as unknown,
    second: JSON.parse((await client.get('/lending/all/b')).body) as unknown,
    atOnce: await Promise.all([1, 2].map(async () => Number((await client.get('/lending/pair')).body))).then(
      (numbers) => numbers.toSorted((a, b) => a - b),
    ),
    failed: (await client.get('/lending/fails')).status,
    refused: (await client.get('/lending/refused')).status,
  };
  while (coordinator.leases().length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const stats = coordinator.pools.get('session')?.stats;
  await app.close();
  return {
    ...result,
    leased: coordinator.leases().length,
    acquired: stats?.acquired,
    clean: coordinator.drainReport?.clean,
  };
}

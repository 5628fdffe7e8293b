import { Controller, Get, Injectable, Module } from '@nestjs/common';
import {
  CachedResource,
  CachedResourceFactory,
  PooledResource,
  ResourceCoordinator,
  ResourceFactory,
  ResourcesModule,
  type ScopedLease,
} from 'nestjs-resources';

/** A session that says who made it, and for which key. */
export interface Session {
  made: string;
  key?: string;
}

export const madeBy = (made: string) => ({ create: ({ key }: { key: string }): Session => ({ made, key }) });

export const key = (): string => 'acme';
const terms = { key };

@ResourceFactory('plain', { max: 3 })
export class PlainFactory {
  readonly create = madeBy('real').create;
}

@ResourceFactory('keyed', { keyed: {}, max: 2 })
export class KeyedFactory {
  readonly create = madeBy('real').create;
}

@CachedResourceFactory('cached', { max: 5 })
export class CachedFactory {
  readonly create = madeBy('real').create;
}

@Injectable()
class Service {
  constructor(
    @PooledResource('plain') readonly plain: ScopedLease<Session>,
    @PooledResource('keyed', terms) readonly keyed: ScopedLease<Session>,
    @CachedResource('cached', key) readonly cached: ScopedLease<Session>,
    readonly coordinator: ResourceCoordinator,
  ) {}
}

/** Answers with who made what it was lent, in every way of asking. */
@Controller()
export class LendingController {
  constructor(private readonly service: Service) {}

  @Get('plain')
  async plain(@PooledResource('plain') plain: ScopedLease<Session>): Promise<Session[]> {
    const { service } = this;
    const lease = await service.coordinator.acquire<Session>('plain');
    return [plain.resource, await service.plain.acquire(), lease.resource];
  }

  @Get('keyed')
  async keyed(@PooledResource('keyed', terms) keyed: ScopedLease<Session>): Promise<Session[]> {
    const { service } = this;
    const lease = await service.coordinator.acquire<Session>('keyed', { key: 'acme' });
    return [keyed.resource, await service.keyed.acquire(), lease.resource];
  }

  @Get('cached')
  async cached(@CachedResource('cached', key) cached: ScopedLease<Session>): Promise<Session[]> {
    const { service } = this;
    const lease = await service.coordinator.acquireCached<Session>('cached', 'acme');
    return [cached.resource, await service.cached.acquire(), lease.resource];
  }
}

@Module({ providers: [PlainFactory, KeyedFactory, CachedFactory] })
export class FactoriesModule {}

/** An application whose factories are providers. */
@Module({
  imports: [ResourcesModule.forRoot({ logging: false }), FactoriesModule],
  controllers: [LendingController],
  providers: [Service],
})
export class ProvidedModule {}

/** The same, with definitions in the options. */
@Module({
  imports: [
    ResourcesModule.forRoot({
      logging: false,
      resources: { plain: { ...madeBy('real'), pool: { max: 3 } } },
      cachedResources: { cached: { ...madeBy('real'), cache: { max: 5 } } },
    }),
    ResourcesModule.forFeature({ keyed: { ...madeBy('real'), pool: { keyed: {}, max: 2 } } }),
  ],
  controllers: [LendingController],
  providers: [Service],
})
export class DefinedModule {}

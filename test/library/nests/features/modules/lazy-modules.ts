import { Controller, Get, Inject, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { LazyModuleLoader, ModuleRef } from '@nestjs/core';
import type { Trial } from '../../trial.js';

const calls: string[] = [];

@Injectable()
class LazyService implements OnModuleInit {
  readonly number = calls.push('made');

  onModuleInit(): void {
    calls.push('init');
  }
}

@Module({ providers: [LazyService, { provide: 'VALUE', useFactory: () => 'value' }], exports: [LazyService] })
class LazyModule {}

@Controller('lazy')
class Lazy {
  constructor(
    private readonly loader: LazyModuleLoader,
    @Inject(ModuleRef) private readonly own: ModuleRef,
  ) {}

  @Get()
  async get(): Promise<object> {
    const moduleRef = await this.loader.load(() => LazyModule);
    const service = moduleRef.get(LazyService);
    const found = this.found();
    const value: unknown = moduleRef.get('VALUE');
    return { number: service.number, same: service.constructor === LazyService, value, calls, found };
  }

  private found(): boolean {
    try {
      return this.own.get(LazyService, { strict: false }) !== undefined;
    } catch {
      return false;
    }
  }
}

/** A module that is loaded by the first request, and is there for the second. */
export default async function lazyModules(trial: Trial): Promise<unknown> {
  calls.length = 0;
  return await trial.ask({ controllers: [Lazy] }, async (client) => ({
    first: await client.get('/lazy'),
    second: await client.get('/lazy'),
  }));
}

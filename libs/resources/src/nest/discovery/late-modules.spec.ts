import { type INestApplicationContext, Injectable, Module } from '@nestjs/common';
import { LazyModuleLoader, NestFactory } from '@nestjs/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Landscape } from '../../coordinator/landscape.fixture.js';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { ResourcesModule } from '../resources.module.js';

describe('a module that is loaded lazily', () => {
  let land: Landscape;
  let app: INestApplicationContext;
  let coordinator: ResourceCoordinator;

  beforeEach(async () => {
    land = new Landscape();
    @Module({ imports: [ResourcesModule.forRoot({ clock: land.clock, resources: { pg: land.type('pg') } })] })
    class AppModule {}
    app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
    coordinator = app.get(ResourceCoordinator);
  });

  afterEach(async () => {
    await app.close();
    expect(land.alive.size).toBe(0);
  });

  it('ends nothing of the application when it cannot be made, and may be loaded again', async () => {
    let attempts = 0;
    @Injectable()
    class Reports {
      constructor() {
        if (++attempts === 1) throw new Error('no template');
      }
    }
    @Module({ providers: [Reports] })
    class ReportsModule {}
    const loader = app.get(LazyModuleLoader);
    await expect(loader.load(() => ReportsModule)).rejects.toThrow('no template');
    expect(coordinator.stats()).toMatchObject({ phase: 'ready', phases: { pg: 'ready' } });
    await coordinator.use('pg', () => undefined);
    const loaded = await loader.load(() => ReportsModule);
    expect([loaded.get(Reports), attempts]).toEqual([expect.any(Reports), 2]);
  });
});

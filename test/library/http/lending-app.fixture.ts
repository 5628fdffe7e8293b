import type { AddressInfo } from 'node:net';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ResourceCoordinator, ResourcesModule, type ResourcesOptions } from 'nestjs-resources';

export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

export interface LendingApp {
  app: INestApplication;
  coordinator: ResourceCoordinator;
  port: number;
  url: string;
}

/** An application on a real socket that uses the library. Close it with `app.close()`. */
export async function startLendingApp(
  adapter: Adapter,
  options: ResourcesOptions,
  metadata: ModuleMetadata,
  prepare: (app: INestApplication) => void = () => undefined,
  platform: ExpressAdapter | FastifyAdapter = adapter === 'express'
    ? new ExpressAdapter()
    : new FastifyAdapter(),
): Promise<LendingApp> {
  const { imports = [], ...rest } = metadata;
  const module = await Test.createTestingModule({
    ...rest,
    imports: [ResourcesModule.forRoot(options), ...imports],
  }).compile();
  const app = module.createNestApplication(platform, { logger: false });
  prepare(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, coordinator: app.get(ResourceCoordinator), port, url: `http://127.0.0.1:${port}` };
}

import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import type { DatabaseUrl } from './database/database-url.js';
import type { Settings } from './settings.js';
import { StartupLogger } from './startup-logger.js';

/** An import may bring thousands of orders at once. */
const BODY_LIMIT = 16 * 1024 * 1024;

export async function createApplication(
  settings: Settings,
  databaseUrl: DatabaseUrl,
): Promise<INestApplication> {
  const module = AppModule.create(settings, databaseUrl);
  const options = { abortOnError: false, logger: new StartupLogger() };
  if (settings.adapter === 'express') {
    const { ExpressAdapter } = await import('@nestjs/platform-express');
    const app = await NestFactory.create<NestExpressApplication>(module, new ExpressAdapter(), options);
    return app.useBodyParser('json', { limit: BODY_LIMIT });
  }
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  const adapter = new FastifyAdapter({ bodyLimit: BODY_LIMIT });
  // The import reads its lines straight from the request.
  adapter
    .getInstance()
    .addContentTypeParser('application/x-ndjson', (_request, body, done) => done(null, body));
  return NestFactory.create<NestFastifyApplication>(module, adapter, options);
}

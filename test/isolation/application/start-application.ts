import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { ResourceCoordinator } from 'nestjs-resources';
import type { Adapter } from '../plan/plan.js';
import type { Reachable } from '../watch/reachable.js';
import { watch } from '../watch/watch.js';
import { applicationModule } from './application.module.js';
import { sessionStore } from './work.js';

const KEEP_ALIVE = 600_000;

export interface RunningApplication {
  readonly port: number;
  readonly coordinator: ResourceCoordinator;
  close(): Promise<void>;
}

/** One of the two applications of the process, on a socket of its own. */
export async function startApplication(
  adapter: Adapter,
  application: 0 | 1,
  reachable: Reachable,
): Promise<RunningApplication> {
  const platform = adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter();
  const app = await NestFactory.create(applicationModule(application), platform, {
    logger: false,
    abortOnError: false,
  });
  losePlatformContext(app, adapter);
  const server = app.getHttpServer() as Server;
  server.keepAliveTimeout = KEEP_ALIVE;
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    watch.requests++;
    const unit = watch.unitOf(request);
    watch.journal.note(unit, 'arrives');
    reachable.add(unit, request, response);
    response.once('close', () => {
      if (!response.writableFinished) unit.givenUp = true;
      watch.journal.note(unit, response.writableFinished ? 'is answered' : 'has lost its client');
    });
  });
  await app.listen(0, '127.0.0.1');
  const { port } = server.address() as AddressInfo;
  return { port, coordinator: app.get(ResourceCoordinator), close: () => app.close() };
}

/** As `main.ts` adds middleware and hooks: before the library's are there, or after. */
function losePlatformContext(app: INestApplication, adapter: Adapter): void {
  const loses = (request: IncomingMessage, loss: 'platform' | 'hook'): boolean =>
    watch.unitOf(request).plan.losses.includes(loss);
  if (adapter === 'express') {
    app.use((request: IncomingMessage, _response: unknown, next: () => void) => {
      if (loses(request, 'platform')) sessionStore.call(next);
      else next();
    });
    return;
  }
  const instance = app.getHttpAdapter().getInstance() as FastifyInstance;
  instance.addHook('onRequest', ({ raw }, _reply, done) => {
    if (loses(raw, 'platform')) sessionStore.call(done);
    else done();
  });
  instance.addHook('preHandler', ({ raw }, _reply, done) => {
    if (loses(raw, 'hook')) sessionStore.call(done);
    else done();
  });
}

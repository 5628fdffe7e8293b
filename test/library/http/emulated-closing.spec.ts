import { EventEmitter } from 'node:events';
import { IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { Controller, Get } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { PooledResource, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import { ADAPTERS } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

@Controller()
class SessionController {
  @Get('session')
  session(@PooledResource('session') session: ScopedLease<Session>): object {
    return { id: session.resource.id };
  }

  @Get('stream')
  async *stream(@PooledResource('session') session: ScopedLease<Session>): AsyncGenerator<string> {
    yield `${session.resource.id};`;
    yield 'end';
  }

  @Get('nothing')
  nothing(): string {
    return 'nothing';
  }
}

/** One request without a network, as test tools and serverless hosts make them. @returns the answer's status, when it is given */
async function inject(server: Server, url: string): Promise<number> {
  const socket = Object.assign(new EventEmitter(), { remoteAddress: '127.0.0.1' }) as unknown as Socket;
  const request = Object.assign(new IncomingMessage(socket), { method: 'GET', url, headers: { host: 'x' } });
  request.push(null);
  const response = new ServerResponse(request);
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  response.assignSocket(sink as unknown as Socket);
  response.once('finish', () => process.nextTick(() => response.emit('close'))); // as a server does it
  server.emit('request', request, response);
  await until(() => response.writableFinished, 'the answer was given');
  return response.statusCode;
}

describe.each(ADAPTERS)('on %s, an application that was asked without a network', (adapter) => {
  it.each(['/session', '/stream', '/nothing', '/missing'])(
    'closes at once when the answer was given: %s',
    async (url) => {
      const factory = new SessionFactory();
      const resources = { session: factory.definition() };
      const module = await Test.createTestingModule({
        imports: [ResourcesModule.forRoot({ resources, drainTimeout: Infinity })],
        controllers: [SessionController],
      }).compile();
      const platform = adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter();
      const app = module.createNestApplication(platform, { logger: false });
      await app.init();
      if (platform instanceof FastifyAdapter) await platform.getInstance().ready();
      expect(await inject(app.getHttpServer() as Server, url)).toBe(url === '/missing' ? 404 : 200);
      let closed = false;
      void app.close().then(() => (closed = true));
      await until(() => closed, 'the application has closed', 20_000);
      expect(factory.alive).toBe(0);
    },
  );
});

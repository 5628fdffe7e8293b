import type { AddressInfo } from 'node:net';
import { connect, constants } from 'node:http2';
import { Controller, Get } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { PooledResource, ResourceCoordinator, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import { type Session, SessionFactory } from './session.fixture.js';
import { until } from './until.fixture.js';

@Controller()
class WorkController {
  finish: (() => void) | undefined;

  constructor(@PooledResource('session') private readonly session: ScopedLease<Session>) {}

  @Get('work')
  async work(): Promise<string> {
    await this.session.acquire();
    await new Promise<void>((resolve) => (this.finish = resolve));
    return 'done';
  }
}

let app: INestApplication;

afterEach(() => app.close());

describe('over HTTP/2', () => {
  it('the lease of a request whose stream is reset goes back when its handler has settled', async () => {
    const session = new SessionFactory().definition({ max: 1 });
    const module = await Test.createTestingModule({
      imports: [ResourcesModule.forRoot({ resources: { session } })],
      controllers: [WorkController],
    }).compile();
    app = module.createNestApplication(new FastifyAdapter({ http2: true } as never), { logger: false });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const controller = app.get(WorkController);
    const client = connect(`http://127.0.0.1:${port}`);
    const stream = client.request({ ':path': '/work' });
    stream.on('error', () => undefined);
    await until(() => controller.finish !== undefined, 'the handler works');
    stream.close(constants.NGHTTP2_CANCEL);
    const pool = app.get(ResourceCoordinator).pools.get('session');
    expect(pool?.stats.leased).toBe(1);
    controller.finish?.();
    await until(() => pool?.stats.idle === 1, 'the lease is back');
    client.close();
  });
});

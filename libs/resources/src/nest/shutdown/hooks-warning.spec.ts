import {
  type INestApplication,
  type INestApplicationContext,
  Module,
  type NestApplicationOptions,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { describe, expect, it } from '@jest/globals';
import { VirtualClock } from '../../time/virtual-clock.fixture.js';
import { ResourcesModule } from '../resources.module.js';

const MISSING =
  'SIGTERM would end the process with work unanswered and resources open: call app.enableShutdownHooks() in main.ts';
const TCP = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } } as const;

type Start = (root: Type, options: NestApplicationOptions) => Promise<INestApplicationContext>;

const listening: Start = async (root, options) => {
  const app = await NestFactory.create(root, options);
  await app.listen(0, '127.0.0.1');
  return app;
};

/** What an application says in its first minute. */
async function saidBy(start: Start, then: (app: INestApplicationContext) => unknown = () => undefined) {
  const clock = new VirtualClock();
  @Module({ imports: [ResourcesModule.forRoot({ clock })] })
  class AppModule {}
  const said: string[] = [];
  const silent = (): void => undefined;
  const logger = { log: silent, error: silent, warn: (line: unknown) => void said.push(String(line)) };
  const app = await start(AppModule, { logger, abortOnError: false });
  await then(app);
  await clock.advance(60_000);
  await app.close();
  return said;
}

describe('an application that would not survive SIGTERM', () => {
  it('says so once when it listens', async () => {
    expect(await saidBy(listening)).toEqual([MISSING]);
  });

  it('says so as a microservice, too', async () => {
    const start: Start = async (root, options) => {
      const service = await NestFactory.createMicroservice(root, { ...options, ...TCP });
      await service.listen();
      return service;
    };
    expect(await saidBy(start)).toEqual([MISSING]);
  });

  it('says so once as a hybrid', async () => {
    const start: Start = async (root, options) => {
      const app = await NestFactory.create(root, options);
      app.connectMicroservice(TCP);
      await app.startAllMicroservices();
      await app.listen(0, '127.0.0.1');
      return app;
    };
    expect(await saidBy(start)).toEqual([MISSING]);
  });

  it('says nothing when it is told what to do, before it listens or soon after', async () => {
    const before: Start = async (root, options) => {
      const app = await NestFactory.create(root, options);
      app.enableShutdownHooks();
      await app.listen(0, '127.0.0.1');
      return app;
    };
    expect(await saidBy(before)).toEqual([]);
    expect(await saidBy(listening, (app) => app.enableShutdownHooks(['SIGINT']))).toEqual([]);
  });

  it('says nothing when somebody else listens', async () => {
    const close = (): void => undefined;
    process.on('SIGTERM', close);
    expect(await saidBy(listening)).toEqual([]);
    process.off('SIGTERM', close);
  });

  it.each([
    ['another one with resources', { imports: [ResourcesModule.forRoot({})] }],
    ['one without', {}],
  ])('says so when an application beside it listens, which ends itself: %s', async (_, metadata) => {
    @Module(metadata)
    class OtherModule {}
    const beside: Start = async (root, options) => {
      const app = await NestFactory.create(root, options);
      const other = await NestFactory.createApplicationContext(OtherModule, options);
      other.enableShutdownHooks();
      await app.listen(0, '127.0.0.1');
      const close = app.close.bind(app);
      app.close = async () => {
        await close();
        await other.close();
      };
      return app;
    };
    expect(await saidBy(beside)).toEqual([MISSING]);
  });

  it('says nothing when it has closed', async () => {
    expect(await saidBy(listening, (app) => app.close())).toEqual([]);
  });

  it('says nothing when it never listens, and as a context', async () => {
    const initialized: Start = async (root, options) =>
      await (await NestFactory.create(root, options)).init();
    expect(await saidBy(initialized)).toEqual([]);
    expect(await saidBy((root, options) => NestFactory.createApplicationContext(root, options))).toEqual([]);
  });

  it('says nothing in a test', async () => {
    const start: Start = async (root, options) => {
      const module = await Test.createTestingModule({ imports: [root] }).compile();
      const app: INestApplication = module.createNestApplication(options);
      await app.listen(0, '127.0.0.1');
      return app;
    };
    expect(await saidBy(start)).toEqual([]);
  });
});

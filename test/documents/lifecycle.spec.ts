import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Writable } from 'node:stream';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, type INestApplication, Module, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PooledResource, ResourceCoordinator, ResourcesModule } from 'nestjs-resources';
import { parseDuration } from '../../libs/resources/src/time/duration.js';
import { eventually } from '../eventually.fixture.js';
import { MarkdownDocument } from './document.fixture.js';

const PAGE = new MarkdownDocument('docs/guide/lifecycle.md');

const seen: string[] = [];
const note = (what: string): void => void seen.push(what);
let answer: () => void = () => undefined;

class Hooks {
  constructor(coordinator: ResourceCoordinator) {
    note('your constructors');
    coordinator.lifecycle$.subscribe(({ type = 'coordinator', phase }) => note(`${type} is ${phase}`));
    coordinator.onDrain(() => note('your onDrain() callbacks'));
  }

  onModuleInit = (): void => note('your onModuleInit');
  onApplicationBootstrap = (): void => note('your onApplicationBootstrap');
  onModuleDestroy = (): void => note('your onModuleDestroy');
  beforeApplicationShutdown = (): void => note('your beforeApplicationShutdown');
  onApplicationShutdown = (): void => note('your onApplicationShutdown');
}

@Controller()
class WorkController {
  @Get()
  async work(
    @PooledResource('pg') _: unknown,
    @Res({ passthrough: true }) response: Writable | { raw: Writable },
  ): Promise<string> {
    const answered = 'raw' in response ? response.raw : response;
    answered.once('finish', () => note('the request in progress is answered'));
    await new Promise<void>((resolve) => (answer = resolve));
    return 'done';
  }
}

const one = { create: () => ({}), pool: { min: 1, max: 1 } };

@Module({
  imports: [ResourcesModule.forRoot({ resources: { pg: { ...one, dependsOn: ['tunnel'] }, tunnel: one } })],
  controllers: [WorkController],
  providers: [
    {
      provide: Hooks,
      inject: [ResourceCoordinator],
      useFactory: (coordinator: ResourceCoordinator) => new Hooks(coordinator),
    },
  ],
})
class HookedModule {}

describe.each(['express', 'fastify'])('the order of hooks on %s', (adapter) => {
  beforeAll(async () => {
    seen.length = 0;
    const http = adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter();
    const app: INestApplication = await NestFactory.create(HookedModule, http, { logger: false });
    await app.listen(0, '127.0.0.1');
    note('app.listen() has resolved');
    const server = app.getHttpServer() as Server;
    const working = fetch(await app.getUrl());
    await eventually(() => expect(app.get(ResourceCoordinator).leases()).toHaveLength(1));
    const closed = once(server, 'close').then(() => note('the server is closed'));
    note('app.close() is called');
    const closing = app.close();
    await eventually(() => expect(seen).toContain('your beforeApplicationShutdown'));
    answer();
    await Promise.all([working, closed, closing]);
    note('app.close() has resolved');
  });

  it.each(['At the start', 'At the end'])('is as the page says: %s', (heading) => {
    const listed = PAGE.tableUnder(heading).map(({ when }) => when);
    expect(listed.length).toBeGreaterThan(5);
    expect(seen.filter((what) => listed.includes(what))).toEqual(listed);
  });
});

describe('the manifest for Kubernetes', () => {
  const blockOf = (language: string, start: string): string =>
    PAGE.blocks.find((block) => block.language === language && block.code.startsWith(start))?.code ?? '';
  const manifest = blockOf('yaml', '# deployment.yaml');
  const module = blockOf('ts', '// deployed.module.ts');

  const secondsOf = (option: string): number => {
    const [, given] = new RegExp(`${option}: '(\\w+)'`).exec(module) ?? [];
    return parseDuration(given, option) / 1_000;
  };
  const numberOf = (name: string, text = manifest): number =>
    Number(new RegExp(`${name}: (\\d+)`).exec(text)?.[1]);
  /** Seconds until a probe has failed. */
  const patienceOf = (probe: string): number => {
    const text = manifest.slice(manifest.indexOf(`${probe}:`));
    return numberOf('periodSeconds', text) * numberOf('failureThreshold', text);
  };

  it('leaves the process the time that its shutdown may take', () => {
    const { prose } = new MarkdownDocument('docs/reference/pool-options.md');
    const [, retires] = /`retirement\.timeout` *\| `'(\w+)'`/.exec(prose) ?? [];
    const retirement = parseDuration(retires, 'retirement.timeout') / 1_000;
    const needed = secondsOf('announceFor') + secondsOf('drainTimeout') + retirement;
    expect(numberOf('terminationGracePeriodSeconds')).toBeGreaterThan(needed);
  });

  it('has a readiness that fails within the announcement, and a startup that lasts as long as a start', () => {
    expect(patienceOf('readinessProbe')).toBeLessThan(secondsOf('announceFor'));
    expect(patienceOf('startupProbe')).toBeGreaterThan(secondsOf('startTimeout'));
  });

  it('asks what the page on health offers', () => {
    const health = new MarkdownDocument('docs/guide/health.md').blocks.map(({ code }) => code).join('');
    for (const [, probe] of manifest.matchAll(/path: \/health\/(\w+)/g))
      expect(health).toContain(`@Get('${probe}')`);
  });
});

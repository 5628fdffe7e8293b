import { Controller, Get, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as library from 'nestjs-resources';
import { anotherCopy } from './another-copy.fixture.js';

const running: INestApplication[] = [];

afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});

/** An application of one copy of the library. @returns what its handler answers */
async function serve(
  { PooledResource, ResourcesModule }: typeof library,
  name: string,
): Promise<() => Promise<string>> {
  @Controller()
  class Names {
    @PooledResource('name') private readonly own!: library.ScopedLease<string>;

    @Get()
    async name(@PooledResource('name') lease: library.ScopedLease<string>): Promise<string> {
      return `${lease.resource}, ${await this.own.acquire()}`;
    }
  }
  @Module({
    imports: [ResourcesModule.forRoot({ resources: { name: { create: () => name } } })],
    controllers: [Names],
  })
  class AppModule {}
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  running.push(app);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  return async () => await (await fetch(url)).text();
}

describe('two copies of the package in one process', () => {
  it('serve an application each', async () => {
    const [one, other] = [await serve(library, 'one'), await serve(await anotherCopy(), 'other')];
    expect(await Promise.all([one(), other(), one()])).toEqual(['one, one', 'other, other', 'one, one']);
  });

  it('serve an application each, whichever was loaded first', async () => {
    const [other, one] = [await serve(await anotherCopy(), 'other'), await serve(library, 'one')];
    expect(await Promise.all([one(), other()])).toEqual(['one, one', 'other, other']);
  });
});

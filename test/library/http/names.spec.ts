import { Controller, Get, Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledResource, type ScopedLease } from 'nestjs-resources';
import { ADAPTERS, type LendingApp, startLendingApp } from './lending-app.fixture.js';
import { type Session, SessionFactory } from './session.fixture.js';

const NAMES: readonly [string, unknown][] = [
  ['a method', () => 'what the product is called'],
  ['a symbol', Symbol('product')],
];

/** As a static member of that name does. */
function call(owner: object, name: unknown): void {
  Object.defineProperty(owner, 'name', { value: name, configurable: true });
}

let running: LendingApp | undefined;

afterEach(async () => {
  await running?.app.close();
  running = undefined;
});

describe.each(ADAPTERS)('on %s, a class whose name is no text', (adapter) => {
  const start = async (controller: new () => object, service?: new () => object): Promise<LendingApp> => {
    running = await startLendingApp(
      adapter,
      { resources: { session: new SessionFactory().definition({ max: 1 }) } },
      { controllers: [controller], providers: service === undefined ? [] : [service] },
    );
    return running;
  };

  it.each(NAMES)('lends to its handlers, where it is %s', async (_kind, name) => {
    @Controller()
    class NamedController {
      @Get()
      owner(@PooledResource('session') session: ScopedLease<Session>): object {
        return { destroyed: session.resource.destroyed };
      }
    }
    const { url, coordinator } = await start(NamedController);
    call(NamedController, name); // now, since Nest prints what it starts
    const owners: string[] = [];
    coordinator.events$.subscribe((event) => {
      if (event.kind === 'acquired') owners.push(event.owner);
    });
    const response = await fetch(url);
    expect([response.status, await response.json()]).toEqual([200, { destroyed: false }]);
    expect(owners).toEqual(['(anonymous class).owner (http)']);
  });

  it.each(NAMES)('is given a lease as a provider, where it is %s', async (_kind, name) => {
    class NamedService {
      readonly session!: ScopedLease<Session>;
    }
    call(NamedService, name);
    PooledResource('session')(NamedService.prototype, 'session');
    Injectable()(NamedService);

    @Controller()
    class PlainController {}
    const { app, coordinator } = await start(PlainController, NamedService);
    const { session } = app.get(NamedService);
    expect(await session.use(({ destroyed }) => destroyed)).toBe(false);
    expect(coordinator.stats().pools['session']).toMatchObject({ acquired: 1, leased: 0 });
  });
});

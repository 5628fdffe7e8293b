/*
 * An application with a Keyv whose store keeps the process alive until it is disconnected, as a client of a server does. It
 * uses the store, closes, and says so; the process ends by itself then. Run on its own, see kept-alive.spec.ts.
 */
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Keyv } from 'keyv';
import { ResourceCoordinator, ResourcesModule } from 'nestjs-resources';

/** A map that holds a connection, which disconnects as the process was told to: well, never, or with an error. */
class ConnectedStore extends Map<string, unknown> {
  private readonly connection = setInterval(() => undefined, 1_000);

  async disconnect(): Promise<void> {
    clearInterval(this.connection);
    if (process.env.DISCONNECT === 'fails') throw new Error('the server is gone');
    if (process.env.DISCONNECT === 'hangs') await new Promise(() => undefined);
  }
}

@Module({
  imports: [
    ResourcesModule.forRoot({
      cache: { stores: [new Keyv({ store: new ConnectedStore() })], lease: { destroyTimeout: 200 } },
      drainTimeout: 200,
    }),
  ],
})
class KeptAliveModule {}

const app = await NestFactory.createApplicationContext(KeptAliveModule, { logger: false });
const { cache } = app.get(ResourceCoordinator);
await cache.put('price', 5);
const price = await cache.get('price');
await app.close();
process.send?.({ price });
process.disconnect?.();

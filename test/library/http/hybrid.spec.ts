import { Controller, type INestApplication } from '@nestjs/common';
import { ClientProxyFactory, MessagePattern, type TcpClientOptions, Transport } from '@nestjs/microservices';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from 'nestjs-resources';
import { catchError, firstValueFrom, of } from 'rxjs';
import { freePort } from '../nests/features/transports/hybrid-tcp.js';
import { ADAPTERS, startLendingApp } from './lending-app.fixture.js';

@Controller()
class OrdersMessages {
  constructor(private readonly coordinator: ResourceCoordinator) {}

  @MessagePattern('count')
  async count(): Promise<unknown> {
    return await this.coordinator.use('pg', () => 'counted', { timeout: 20 });
  }
}

describe.each(ADAPTERS)('on %s, a hybrid application that shares its global filters', (adapter) => {
  let app: INestApplication;

  afterEach(async () => await app.close());

  it.each(['before', 'after'])(
    'answers a message whose handler got no resource, connected %s the application was initialized',
    async (when) => {
      const transport = { host: '127.0.0.1', port: await freePort() };
      const connect = (hybrid: INestApplication): unknown =>
        hybrid.connectMicroservice(
          { transport: Transport.TCP, options: transport },
          { inheritAppConfig: true },
        );
      const resources = { pg: { create: () => ({}), pool: { max: 1 } } };
      const server = await startLendingApp(
        adapter,
        { resources },
        { controllers: [OrdersMessages] },
        (starting) => void (when === 'before' && connect(starting)),
      );
      app = server.app;
      if (when === 'after') connect(app);
      await app.startAllMicroservices();
      const client = ClientProxyFactory.create({
        transport: Transport.TCP,
        options: transport,
      } satisfies TcpClientOptions & { transport: Transport.TCP });
      const ask = async (): Promise<unknown> =>
        await firstValueFrom(client.send('count', {}).pipe(catchError((error: unknown) => of({ error }))));
      expect(await ask()).toBe('counted');
      const lease = await server.coordinator.acquire('pg');
      expect(await ask()).toEqual({ error: { status: 'error', message: 'Internal server error' } });
      await lease.release();
      await client.close();
    },
  );
});

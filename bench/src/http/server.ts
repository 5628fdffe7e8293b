import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpuUnplugged } from './unplugged.js';
import { VARIANTS } from './variants.js';

/**
 * A server process: `server.js <variant> <adapter>`. Tells its port, whenever it is asked its CPU time, and asked for a number of
 * requests what one costs without a network.
 */
if (process.send !== undefined && !process.connected) process.exit();
process.once('disconnect', () => process.exit()); // whoever started it is gone, however that came
const [, , variant = '', adapter = ''] = process.argv;
const build = VARIANTS[variant];
if (build === undefined) throw new Error(`unknown variant: ${variant}`);
const app = await NestFactory.create(
  build(),
  adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter(),
  {
    logger: false,
  },
);
await app.listen(0, '127.0.0.1');
process.on('message', (asked: 'cpu' | number) => {
  if (typeof asked === 'number') {
    void cpuUnplugged(app.getHttpServer() as Server, asked).then((cpu) => process.send?.({ cpu }));
    return;
  }
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system });
});
process.send?.({ port: (app.getHttpServer().address() as AddressInfo).port });

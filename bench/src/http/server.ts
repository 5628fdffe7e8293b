import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { VARIANTS } from './variants.js';

/** A server process: `server.js <variant> <adapter>`. Tells its port, and its CPU time whenever it is asked. */
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
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system });
});
process.send?.({ port: (app.getHttpServer().address() as AddressInfo).port });

import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { applicationOf } from './application.js';
import { CONTENDERS, type ContenderName } from './contenders.js';
import { type Load, measure } from './load.js';
import { Loans } from './loans.js';

/** A process with the application: `server.js <contender> <url>`. Says when it has started, and puts load on itself whenever it is told to. */
const [, , contender = '', url = ''] = process.argv;
if (!Object.hasOwn(CONTENDERS, contender)) throw new Error(`unknown contender: ${contender}`);
const app = await NestFactory.create(
  applicationOf(contender as ContenderName, url), // as just found
  new FastifyAdapter(),
  { logger: false },
);
await app.listen(0, '127.0.0.1');
const loans = app.get(Loans);
const server = app.getHttpServer() as Server;
process.once('disconnect', () => void app.close().finally(() => process.exit()));
process.on('message', (load: Load) => {
  void measure(load, loans, server).then((figures) => process.send?.(figures));
});
process.send?.('started');

import { Controller, Injectable, Inject } from '@nestjs/common';
import { ModuleRef, NestFactory } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import type { Trial } from '../../trial.js';
import { freePort } from '../transports/hybrid-tcp.js';

const calls: string[] = [];

@Injectable()
class Service {
  @Inject(ModuleRef) private readonly moduleRef!: ModuleRef;

  hello(): string {
    return `hello ${this.moduleRef.get(Service) === this}`;
  }

  onModuleInit(): void {
    calls.push('init');
  }

  onApplicationShutdown(signal?: string): void {
    calls.push(`shutdown ${signal}`);
  }
}

@Controller()
class Messages {
  @MessagePattern('double')
  double(@Payload() number: number): object {
    return { double: number * 2, count: arguments.length, same: this.constructor === Messages };
  }
}

/** Applications without HTTP: a context, and a microservice. */
export default async function standalone(trial: Trial): Promise<unknown> {
  calls.length = 0;
  const { logger } = trial;
  const context = await NestFactory.createApplicationContext(trial.root({ providers: [Service] }), {
    logger,
  });
  const hello = context.get(Service).hello();
  await context.close();

  const options = { host: '127.0.0.1', port: await freePort() };
  const root = trial.root({ controllers: [Messages], providers: [Service] });
  const service = await NestFactory.createMicroservice(root, { transport: Transport.TCP, options, logger });
  await service.listen();
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options });
  const answer: unknown = await firstValueFrom(client.send<unknown>('double', 4));
  client.close();
  await service.close();
  return { hello, answer, calls };
}

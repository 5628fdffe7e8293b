import { type CanActivate, Controller, Get, Injectable, Module, Param, UseGuards } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Client } from '../../client.js';
import type { Trial } from '../../trial.js';

@Injectable()
class Service {
  hello(): string {
    return 'real';
  }
}

@Injectable()
class Guard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Controller('tested')
class Tested {
  constructor(private readonly service: Service) {}

  @Get(':id')
  @UseGuards(Guard)
  get(@Param('id') id: string): string {
    return `${id} ${this.service.hello()}`;
  }
}

@Module({ controllers: [Tested], providers: [Service] })
class Feature {}

/** What @nestjs/testing makes: with overridden providers and guards, with mocks, and without a server. */
export default async function testing(trial: Trial): Promise<unknown> {
  const builder = Test.createTestingModule({ imports: [trial.root({ imports: [Feature] })] })
    .overrideProvider(Service)
    .useValue({ hello: () => 'fake' })
    .overrideGuard(Guard)
    .useValue({ canActivate: () => true })
    .setLogger(trial.logger);
  const module = await builder.compile();
  const app = module.createNestApplication(
    trial.adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter(),
  );
  await app.listen(0, '127.0.0.1');
  const answer = await Client.of(app).get('/tested/5');
  const direct = module.get(Tested).get('7');
  const resolved = (await module.resolve(Tested)).get('8');
  await app.close();

  const bare = await Test.createTestingModule({ imports: [trial.root({ imports: [Feature] })] })
    .setLogger(trial.logger)
    .compile();
  await bare.init();
  const undriven = bare.get(Tested).get('9');
  await bare.close();
  return { answer, direct, resolved, undriven };
}

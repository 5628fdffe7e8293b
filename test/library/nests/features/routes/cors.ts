import { Controller, ForbiddenException, Get, Post } from '@nestjs/common';
import type { Client } from '../../client.js';
import type { Trial } from '../../trial.js';

@Controller('cors')
class Cors {
  @Get()
  get(): string {
    return 'got';
  }

  @Post()
  post(): never {
    throw new ForbiddenException();
  }
}

async function ask(client: Client): Promise<unknown> {
  const answers: unknown[] = [];
  for (const origin of ['https://one.example.org', 'https://two.example.org']) {
    answers.push(
      await client.get('/cors', { origin }),
      await client.get('/missing', { origin }),
      await client.post('/cors', {}, { origin }),
    );
    for (const path of ['/cors', '/missing']) {
      answers.push(
        await client.ask(path, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'x-one,x-two',
          },
        }),
      );
    }
  }
  return answers;
}

/** Cross-origin requests and their preflights, by each way of allowing them. */
export default async function cors(trial: Trial): Promise<unknown> {
  const metadata = { controllers: [Cors] };
  const options = {
    origin: ['https://one.example.org'],
    credentials: true,
    exposedHeaders: ['x-a'],
    maxAge: 5,
  };
  return {
    none: await trial.ask(metadata, ask),
    byOption: await trial.ask(metadata, ask, { cors: true }),
    byOptions: await trial.ask(metadata, ask, { cors: options }),
    enabled: await trial.ask(metadata, ask, { prepare: (app) => app.enableCors() }),
    byFunction: await trial.ask(metadata, ask, {
      prepare: (app) =>
        app.enableCors({
          origin: (origin: string | undefined, done: (error: Error | null, allowed?: boolean) => void) =>
            done(null, origin?.includes('two')),
        }),
    }),
  };
}

import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { Client } from '../../client.js';
import type { Trial } from '../../trial.js';

const calls: string[] = [];

@Controller('nest')
class Plain {
  @Get()
  get(@Req() request: { url: string }): string {
    return `nest ${request.url}`;
  }
}

interface Router {
  get(path: string, handler: (request: object, response: { send(body: string): void }) => void): unknown;
}

const HOOKS = ['onRequest', 'preParsing', 'preValidation', 'preHandler', 'onSend', 'onResponse'] as const;

/** Routes and hooks that are the framework's own, beside Nest's. */
export default async function adapterRoutes(trial: Trial): Promise<unknown> {
  calls.length = 0;
  const before = (name: string) => (app: { getHttpAdapter(): { getInstance(): unknown; get: unknown } }) => {
    const adapter = app.getHttpAdapter();
    const router = adapter as unknown as Router;
    const handler = (_request: object, response: { send(body: string): void }): void => response.send(name);
    router.get(`/adapter-${name}`, handler);
    if (trial.adapter === 'express') {
      const instance = adapter.getInstance() as Router;
      instance.get(`/own-${name}`, (_request, response) => response.send(`own ${name}`));
      return;
    }
    const instance = adapter.getInstance() as FastifyInstance;
    instance.get(`/own-${name}`, () => `own ${name}`);
    for (const hook of HOOKS) {
      instance.addHook(hook as 'onRequest', async (request) => {
        calls.push(`${hook} ${request.url}`);
        await Promise.resolve();
      });
    }
    void instance.register(
      async (child) => {
        child.get('/child', () => 'child');
        await Promise.resolve();
      },
      { prefix: '/plugin' },
    );
  };
  const paths = [
    '/nest',
    '/adapter-early',
    '/own-early',
    '/adapter-late',
    '/own-late',
    '/plugin/child',
    '/missing',
  ];
  const { app } = await trial.serve(
    { controllers: [Plain] },
    {
      prepare: async (app) => {
        before('early')(app);
        await app.init();
        if (trial.adapter === 'express') before('late')(app);
      },
    },
  );
  const answers = await Client.of(app).all(paths);
  const injected =
    trial.adapter === 'fastify'
      ? await (app.getHttpAdapter().getInstance() as unknown as FastifyInstance).inject('/nest')
      : undefined;
  await app.close();
  return { answers, calls, injected: injected?.body };
}

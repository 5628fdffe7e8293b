import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { INestApplication } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { each, KEPT, Tenants } from './tenants.fixture.js';

type Next = (error?: unknown) => void;
type Handle = (request: IncomingMessage, response: ServerResponse, next: Next) => unknown;
type ErrorHandle = (
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
  next: Next,
) => unknown;

interface Router {
  (...args: Parameters<Handle>): void;
  readonly stack: unknown[];
  use(...handles: (string | Handle | ErrorHandle)[]): void;
  get(path: string, ...handles: Handle[]): void;
}

interface Express {
  (): Router;
  Router(): Router;
}

// Express comes without types.
const load = createRequire(import.meta.url);
const express = load('express') as Express;
const copyOf = (name: string): Express => {
  let copy = express;
  jest.isolateModules(() => {
    copy = load(name) as Express;
  });
  return copy;
};
const COPIES: [string, () => Express][] = [
  ['the same Express', () => express],
  ['another copy of Express', () => copyOf('express')],
  ['Express 4', () => copyOf('express-4')],
];

let tenants: Tenants;
afterEach(() => tenants.close());

/** Loses the context, borrows, fails when asked to, and answers an error with what it borrows. */
function furnish(router: Router, { see, ask }: Tenants, from: Express = express): Router {
  router.use((_request: IncomingMessage, _response: ServerResponse, next: Next) => ask(next));
  router.get('/borrow', async (_request, response) => {
    await see('route');
    response.end('done');
  });
  router.get(
    '/routes',
    (_request, _response, next) => ask(() => next('route')),
    async (_request, response) => response.end('not this'),
  );
  router.get('/routes', async (_request, response) => {
    await see('second route');
    response.end('done');
  });
  router.get('/failing', (_request, _response, next) => ask(() => next(new Error('refused'))));
  const inner = from.Router();
  inner.get('/borrow', (_request, _response, next) => ask(() => next()));
  inner.get('/borrow', async (_request, response) => {
    await see('inner route');
    response.end('done');
  });
  router.use('/inner', inner);
  router.use(async (_error: unknown, _request: IncomingMessage, response: ServerResponse, _next: Next) => {
    await see('error handler');
    response.end('done');
  });
  return router;
}

const ROUTES: Record<string, string[]> = {
  borrow: ['route'],
  routes: ['second route'],
  failing: ['error handler'],
  'inner/borrow': ['inner route'],
};

/** At each of the routes that were furnished below a path. */
async function expectFollowed(path: string): Promise<void> {
  for (const [route, places] of Object.entries(ROUTES)) {
    tenants.accounts.seen.length = 0;
    expect(await tenants.get(`${path}/${route}`)).toEqual(Tenants.all.map(() => '200 done'));
    expect(tenants.seen).toEqual(each(places));
    expect(await tenants.hangUp(`${path}/${route}`)).toEqual(KEPT);
  }
}

const instanceOf = (app: INestApplication): Router => app.getHttpAdapter().getInstance() as Router;

describe.each(COPIES)('on express, a request keeps its scope in what is mounted, of %s', (_name, copy) => {
  it('a router', async () => {
    tenants = await Tenants.start('express', (app, all) => {
      const from = copy();
      app.use('/mounted', furnish(from.Router(), all, from));
    });
    await expectFollowed('/mounted');
  });

  it('an application', async () => {
    tenants = await Tenants.start('express', (app, all) => {
      const from = copy();
      app.use('/mounted', furnish(from(), all, from));
    });
    await expectFollowed('/mounted');
  });

  it('an application in an application', async () => {
    tenants = await Tenants.start('express', (app, all) => {
      const from = copy();
      const outer = from();
      outer.use('/inside', furnish(from(), all, from));
      app.use('/mounted', outer);
    });
    await expectFollowed('/mounted/inside');
  });

  it('an application in a router', async () => {
    tenants = await Tenants.start('express', (app, all) => {
      const from = copy();
      const router = express.Router();
      router.use('/inside', furnish(from(), all, from));
      app.use('/mounted', router);
    });
    await expectFollowed('/mounted/inside');
  });

  it('an application that middleware calls', async () => {
    tenants = await Tenants.start('express', (app, all) => {
      const from = copy();
      const inner = furnish(from(), all, from);
      app.use('/mounted', (request: IncomingMessage, response: ServerResponse, next: Next) => {
        inner(request, response, next);
      });
    });
    await tenants.get('/mounted/borrow');
    await expectFollowed('/mounted');
  });

  it('an application, before Nest knew its own', async () => {
    const early = new Tenants();
    const own = express();
    const from = copy();
    own.use('/mounted', furnish(from(), early, from));
    tenants = await Tenants.start('express', () => undefined, new ExpressAdapter(own), early);
    await expectFollowed('/mounted');
  });

  it.each(['a router', 'an application'])('%s that is empty at the first request', async (what) => {
    const from = copy();
    const empty = what === 'a router' ? from.Router() : from();
    tenants = await Tenants.start('express', (app) => {
      app.use('/mounted', empty);
      instanceOf(app).get('/mounted/borrow', async (_request, response) => response.end('not yet'));
    });
    expect(await tenants.getAs('acme', '/mounted/borrow')).toBe('200 not yet');
    furnish(empty, tenants, from);
    await expectFollowed('/mounted');
  });
});

describe('on express, an application', () => {
  it('is given no layer', async () => {
    const own = express();
    const { stack } = (own as unknown as { router: Router }).router;
    const adapter = new ExpressAdapter(own);
    stack.length = 0; // as of older Nests, whose adapter mounts nothing
    let layers: unknown[] = [];
    tenants = await Tenants.start(
      'express',
      (app, { see }) => {
        layers = [...stack];
        instanceOf(app).get('/borrow', async (_request, response) => {
          await see('route');
          response.end('done');
        });
      },
      adapter,
    );
    expect(layers).toEqual([]);
    expect(await tenants.hangUp('/borrow')).toEqual(KEPT);
  });
});

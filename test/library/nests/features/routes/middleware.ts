import {
  Controller,
  Get,
  Injectable,
  type MiddlewareConsumer,
  Module,
  type NestMiddleware,
  type NestModule,
  Post,
  RequestMethod,
} from '@nestjs/common';
import type { Trial } from '../../trial.js';

const calls: string[] = [];

interface AnyRequest {
  url: string;
  originalUrl?: string;
  baseUrl?: string;
  on(event: string, listener: () => void): void;
}

type Next = (error?: unknown) => void;

@Injectable()
class Dependency {
  readonly name = 'dependency';
}

@Injectable()
class ClassMiddleware implements NestMiddleware {
  constructor(private readonly dependency: Dependency) {}

  use(request: AnyRequest, response: object, next: Next): void {
    const { originalUrl, baseUrl, url } = request;
    calls.push(
      `class ${this.dependency.name} ${originalUrl} ${baseUrl} ${url} ${Object.keys(request).length > 0}`,
    );
    calls.push(`response ${'setHeader' in response}`);
    next();
  }
}

@Injectable()
class LaterMiddleware implements NestMiddleware {
  async use(request: AnyRequest, _response: unknown, next: Next): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    calls.push(`later ${request.originalUrl}`);
    if (request.originalUrl?.includes('refuse') === true) next(new Error('refused'));
    else next();
  }
}

function functional(request: AnyRequest, _response: unknown, next: Next): void {
  calls.push(`functional ${request.originalUrl}`);
  if (request.originalUrl?.includes('throw') === true) throw new Error('thrown');
  next();
}

function answering(_request: unknown, response: { end(text: string): void }): void {
  calls.push('answering');
  response.end('by middleware');
}

@Controller('middleware')
class WithMiddleware {
  @Get('one')
  one(): string {
    return 'one';
  }

  @Get('two/:id')
  two(): string {
    return 'two';
  }

  @Post('two/:id')
  post(): string {
    return 'posted';
  }

  @Get('excluded')
  excluded(): string {
    return 'excluded';
  }

  @Get('refuse')
  refuse(): string {
    return 'refuse';
  }

  @Get('throw')
  throw(): string {
    return 'throw';
  }

  @Get('answered')
  answered(): string {
    return 'not by middleware';
  }
}

@Module({ controllers: [WithMiddleware], providers: [Dependency] })
class FeatureModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply(ClassMiddleware, functional)
      .exclude({ path: 'middleware/excluded', method: RequestMethod.GET })
      .forRoutes(WithMiddleware);
    consumer.apply(LaterMiddleware).forRoutes({ path: 'middleware/two/:id', method: RequestMethod.GET });
    consumer.apply(LaterMiddleware).forRoutes('middleware/refuse');
    consumer.apply(answering).forRoutes('middleware/answered');
  }
}

/** Middleware of each kind, in the modules, in the root and on the application, and what comes of its errors. */
export default async function middleware(trial: Trial): Promise<unknown> {
  const runs: Record<string, unknown> = {};
  const global = (name: string) => (request: AnyRequest, _response: unknown, next: Next) => {
    calls.push(`${name} ${request.url}`);
    next();
  };
  for (const prefix of ['', '/api']) {
    calls.length = 0;
    await trial.ask(
      { imports: [FeatureModule] },
      async (client) => {
        const names = ['one', 'two/1', 'excluded', 'refuse', 'throw', 'answered', 'missing'];
        for (const name of names) {
          const path = `${prefix}/middleware/${name}`;
          const answer = await client.get(path);
          runs[path] = { answer, calls: calls.splice(0) };
        }
        const posted = await client.post(`${prefix}/middleware/two/1?a=b`, {});
        runs[`${prefix} posted`] = { posted, calls: calls.splice(0) };
      },
      {
        configure: (consumer) => {
          consumer.apply(global('root')).forRoutes('{*all}');
        },
        prepare: (app) => {
          if (prefix !== '') app.setGlobalPrefix(prefix);
          app.use(global('application'));
          app.use('/middleware', global('mounted'));
        },
      },
    );
  }
  return runs;
}

import { Controller, Get, Module, RequestMethod, VersioningType } from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import type { Trial } from '../../trial.js';

@Controller('health')
class Health {
  @Get()
  get(): string {
    return 'health';
  }

  @Get('deep/:id')
  deep(): string {
    return 'deep';
  }
}

@Controller('hello')
class Hello {
  @Get()
  get(): string {
    return 'hello';
  }
}

@Controller()
class Nested {
  @Get()
  root(): string {
    return 'nested';
  }

  @Get('child')
  child(): string {
    return 'child';
  }
}

@Module({ controllers: [Nested] })
class NestedModule {}

/** Global prefixes with exclusions, with versions, and modules below a path. */
export default async function prefixes(trial: Trial): Promise<unknown> {
  const router = RouterModule.register([{ path: 'nested', module: NestedModule }]);
  const metadata = { imports: [NestedModule, router], controllers: [Health, Hello] };
  const paths = ['', '/api', '/api/v1', '/v1'].flatMap((prefix) =>
    ['', '/health', '/health/deep/1', '/hello', '/nested', '/nested/child'].map(
      (path) => `${prefix}${path}` || '/',
    ),
  );
  const exclude = ['health', { path: 'health/deep/:id', method: RequestMethod.GET }];
  return {
    plain: await trial.ask(metadata, (client) => client.all(paths), {
      prepare: (app) => app.setGlobalPrefix('api'),
    }),
    excluding: await trial.ask(metadata, (client) => client.all(paths), {
      prepare: (app) => app.setGlobalPrefix('/api/', { exclude }),
    }),
    versioned: await trial.ask(metadata, (client) => client.all(paths), {
      prepare: (app) =>
        app
          .setGlobalPrefix('api', { exclude })
          .enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
    }),
  };
}

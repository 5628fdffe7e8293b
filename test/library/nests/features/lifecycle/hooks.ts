import {
  type BeforeApplicationShutdown,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Trial } from '../../trial.js';

const calls: string[] = [];

function hooked(name: string): Type<unknown> {
  @Injectable()
  class Hooked
    implements
      OnModuleInit,
      OnApplicationBootstrap,
      OnModuleDestroy,
      BeforeApplicationShutdown,
      OnApplicationShutdown
  {
    constructor(private readonly host: HttpAdapterHost) {}

    async onModuleInit(): Promise<void> {
      await this.say('init');
    }

    async onApplicationBootstrap(): Promise<void> {
      await this.say('bootstrap');
    }

    async onModuleDestroy(): Promise<void> {
      await this.say('destroy');
    }

    async beforeApplicationShutdown(signal?: string): Promise<void> {
      await this.say(`before shutdown ${signal}`);
    }

    async onApplicationShutdown(signal?: string): Promise<void> {
      await this.say(`shutdown ${signal}`);
    }

    private async say(what: string): Promise<void> {
      const { listening } = this.host.httpAdapter.getHttpServer() as { listening: boolean };
      calls.push(`${name} ${what}, listening: ${listening}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return Hooked;
}

const inner = hooked('inner');
const root = hooked('root');
const far = hooked('far');

@Module({ providers: [far] })
class Far {}

@Module({ imports: [Far], providers: [inner], exports: [inner] })
class Inner {}

/** The order of the hooks of an application's life, and whether the server listens meanwhile. */
export default async function hooks(trial: Trial): Promise<unknown> {
  calls.length = 0;
  const runs: unknown[] = [];
  for (const close of ['once', 'twice', 'unheard'] as const) {
    const metadata = { imports: [Inner], providers: [root] };
    const app = await trial.create(metadata);
    if (close === 'unheard') await app.init();
    else await app.listen(0, '127.0.0.1');
    calls.push('up');
    if (close === 'twice') await Promise.all([app.close(), app.close()]);
    else await app.close();
    runs.push(calls.splice(0));
  }
  return runs;
}

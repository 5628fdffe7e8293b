import { setTimeout as delay } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
  Scope,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import type { JobContext } from 'nestjs-resources/processors/worker';
import { endAs, trace } from './traced.fixture.js';

export abstract class Paper {
  abstract readonly format: string;
}

@Injectable()
class A4 extends Paper {
  readonly format = 'A4';
}

/** Found by the type that its decorator keeps. */
@Injectable()
export class Printer
  implements
    OnModuleInit,
    OnApplicationBootstrap,
    OnModuleDestroy,
    BeforeApplicationShutdown,
    OnApplicationShutdown
{
  readonly thread = threadId;
  private pages = 0;
  private readonly format = this.paper.format;

  constructor(private readonly paper: Paper) {}

  print(text: string): string {
    return `${text} on ${this.format}, page ${++this.pages}`;
  }

  async onModuleInit(): Promise<void> {
    await endAs('INIT');
    trace('init');
  }

  onApplicationBootstrap(): void {
    trace('bootstrap');
  }

  async onModuleDestroy(): Promise<void> {
    trace('destroy');
    await endAs('DESTROY');
  }

  beforeApplicationShutdown(): void {
    trace('before shutdown');
  }

  onApplicationShutdown(): void {
    trace('shutdown');
  }
}

/** Of one job. */
@Injectable({ scope: Scope.REQUEST })
export class JobNotes {
  readonly notes: string[] = [];

  constructor(@Inject(REQUEST) readonly job: JobContext<{ requestId: string }>) {
    if (process.env['NOTES'] === 'throws') throw new TypeError('no notes');
  }
}

@Injectable()
export class Author {
  constructor(private readonly notes: JobNotes) {}

  write(note: string): void {
    this.notes.notes.push(note);
  }
}

@Injectable({ scope: Scope.TRANSIENT })
export class Stamp {}

export const FONT = Symbol('font');

@Module({
  providers: [
    { provide: Paper, useClass: A4 },
    Printer,
    JobNotes,
    Author,
    Stamp,
    {
      provide: FONT,
      useFactory: async () => {
        await delay(1);
        await endAs('FONT');
        return 'Garamond';
      },
    },
  ],
})
export class WorkerModule {}

@Injectable()
export class Unprovided {}

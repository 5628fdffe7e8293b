import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { Controller, Get } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PooledResource, ResourceCoordinator, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import type { Processor } from 'nestjs-resources/processors';
import type { Cell } from './cell.js';
import { type Asked, outcomeOf, type ProcessorContender } from './contender.js';
import { fileOf } from './files.js';
import { LIMITS } from './limits.js';

/** This library, in an application of Nest. */
export const ours: ProcessorContender = {
  name: 'nestjs-resources',
  start: async (asked) => {
    const { fault, end } = asked.cell;
    const broken = fault === 'throwsAtImport';
    const { threads, drain, megabytes } = LIMITS;
    // Nothing else ends what nobody wants to end.
    const leases = fault === 'loops' && end === 'waits' ? { maxLeaseTime: '1s' } : {};
    const processor = {
      file: fileOf(broken ? 'throws-at-import' : 'functions'),
      graceful: '100ms',
      resourceLimits: { maxOldGenerationSizeMb: megabytes },
      optional: true,
      pool: { min: broken ? 0 : threads, max: threads, ...leases },
    };
    const resources = ResourcesModule.forRoot({
      logging: false,
      drainTimeout: drain,
      processors: { worker: processor },
    });
    const root = { module: class App {}, imports: [resources], controllers: [controllerOf(asked)] };
    const app = await NestFactory.create(root, { logger: false });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    return { port, close: () => app.close() };
  },
};

function controllerOf(asked: Asked): new (...parts: never[]) => object {
  @Controller()
  class JobsController {
    constructor(
      private readonly coordinator: ResourceCoordinator,
      @PooledResource('worker') private readonly worker: ScopedLease<Processor>,
    ) {}

    @Get('job')
    async job(): Promise<string> {
      asked.arrived();
      const outcome = await outcomeOf(this.perform(asked.cell));
      asked.settled(outcome);
      return outcome;
    }

    @Get('beside')
    beside(): Promise<string> {
      return outcomeOf(this.coordinator.process('worker', 'beside'));
    }

    private async perform({ form, fault, end }: Cell): Promise<unknown> {
      const options = {
        ...(end === 'aborts' && { signal: asked.signal }),
        ...(end === 'deadline' && { timeout: LIMITS.deadline }),
      };
      if (form === 'task') return await this.coordinator.process('worker', fault, asked.began, options);
      const processor = await this.worker.acquire();
      return await processor.run(fault, asked.began, options);
    }
  }
  return JobsController;
}

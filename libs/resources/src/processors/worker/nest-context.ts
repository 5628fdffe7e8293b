import type { INestApplicationContext, InjectionToken } from '@nestjs/common';
import { ModuleRef, ModulesContainer, NestFactory } from '@nestjs/core';
import { OWN_NAME } from '../../options/option-reader.js';
import { describeValue } from '../../words/describe-value.js';
import { warnOf } from '../../words/warn-of.js';
import { markOf } from '../../nest/discovery/module-mark.js';
import type { JobContext } from '../../threads/jobs/job-context.js';
import { giveContext, type WorkerContext } from '../../threads/worker/worker-context.js';
import { InjectedFunction, type Token } from './injected-function.js';
import type { JobScopes } from './job-scope.js';
import type { WorkerFunction, WorkerOptions } from './worker-options.js';

/** The application context of one thread, and the functions that have providers of it. */
export class NestContext implements WorkerContext {
  private readonly injected = new WeakMap<object, InjectedFunction>();
  private app: INestApplicationContext | undefined;

  constructor(
    private readonly module: WorkerOptions['context'],
    private readonly logger: WorkerOptions['logger'],
  ) {}

  inject<F extends WorkerFunction>(
    tokens: readonly InjectionToken<unknown>[],
    make: (...injected: never) => F,
  ): F {
    if (!Array.isArray(tokens) || tokens.includes(undefined))
      OWN_NAME.fail('inject', `must be given an array of injection tokens; got ${describeTokens(tokens)}.`);
    if (typeof make !== 'function')
      OWN_NAME.fail(
        'inject',
        `must be given a function that makes the worker's function from its providers; got ${describeValue(make)}.`,
      );
    const injected = new InjectedFunction([...(tokens as readonly Token[])], make);
    const run = (input: unknown, job: JobContext): Promise<unknown> => injected.run(input, job);
    giveContext(run, this);
    this.injected.set(run, injected);
    return run as unknown as F; // takes and brings the same, sooner or later
  }

  async start(functions: ReadonlyMap<string, object>): Promise<void> {
    const { module, logger } = this;
    const app = await NestFactory.createApplicationContext(module, {
      abortOnError: false,
      ...(logger !== undefined && { logger }),
    });
    this.app = app;
    try {
      const context = { moduleRef: app.get(ModuleRef), scopes: await scopesOf(app) };
      for (const [name, exported] of functions) this.injected.get(exported)?.begin(name, context);
    } catch (error) {
      await app.close().catch(warnOf);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.app?.close();
  }
}

/** The coordinator of the context, if it has the resources' module. Without one, nothing of it is loaded. */
async function scopesOf(app: INestApplicationContext): Promise<JobScopes | undefined> {
  const modules = [...app.get(ModulesContainer).values()];
  if (!modules.some(({ metatype }) => markOf(metatype)?.kind === 'root')) return undefined;
  const { ResourceCoordinator } = await import('../../coordinator/resource-coordinator.js');
  return app.get(ResourceCoordinator, { strict: false });
}

/** One that is not there yet is of a module that is still being loaded. */
function describeTokens(tokens: unknown): string {
  return Array.isArray(tokens)
    ? `an array with undefined at ${tokens.indexOf(undefined)}, as circular imports leave it`
    : describeValue(tokens);
}

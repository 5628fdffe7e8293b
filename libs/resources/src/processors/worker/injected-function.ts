import { Scope, type Type } from '@nestjs/common';
import { ContextIdFactory, type ModuleRef } from '@nestjs/core';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { nameOfToken } from '../../nest/discovery/class-of.js';
import { describeCause } from '../../words/describe-cause.js';
import { describeName } from '../../words/describe-name.js';
import { describeValue } from '../../words/describe-value.js';
import { heed, warnOf } from '../../words/warn-of.js';
import type { JobContext } from '../../threads/jobs/job-context.js';
import { type JobScopes, runInJobScope } from './job-scope.js';

/** A function of any worker, as it is called. */
type Called = (input: unknown, job: JobContext) => unknown;

/** What a provider is found by, as `ModuleRef` has it: an abstract class is one, too. */
export type Token = Type<unknown> | string | symbol;

/** What the functions of a worker are called with, once its context is there. */
export interface StartedContext {
  readonly moduleRef: ModuleRef;
  /** Without resources in the context, there are none. */
  readonly scopes: JobScopes | undefined;
}

const SCOPED = [Scope.REQUEST, Scope.TRANSIENT];

/** One function that `inject` made: finds its providers, and calls what they are for. */
export class InjectedFunction {
  private name = '';
  private context: StartedContext | undefined;
  /** Its providers, unless some of them are made for each job. */
  private instances: readonly unknown[] | undefined;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly make: (...injected: never) => unknown,
  ) {}

  /**
   * @param name under which the worker exports it
   * @throws InvalidOptionsError if there is no such provider
   */
  begin(name: string, context: StartedContext): void {
    this.name = name;
    this.context = context;
    const { moduleRef } = context;
    const isScoped = this.tokens.map((token) => SCOPED.includes(this.scopeOf(token, moduleRef)));
    if (!isScoped.includes(true))
      this.instances = this.tokens.map((token) => moduleRef.get<unknown>(token, { strict: false }));
  }

  /** @throws what the function throws, or what keeps a provider from being made */
  async run(input: unknown, job: JobContext): Promise<unknown> {
    const { context } = this;
    if (context === undefined)
      throw new Error("A worker's function has its providers only in the thread of a processor.");
    const work = (): unknown => this.perform(input, job, context.moduleRef);
    return await (context.scopes === undefined ? work() : runInJobScope(context.scopes, this.name, work));
  }

  private async perform(input: unknown, job: JobContext, moduleRef: ModuleRef): Promise<unknown> {
    const injected = this.instances ?? (await this.resolve(job, moduleRef));
    const made: unknown = Reflect.apply(this.make, undefined, injected); // of these providers, as its type says
    if (typeof made !== 'function') {
      heed(made, warnOf);
      throw new InvalidOptionsError(
        this.name,
        `must be made by a function that returns the worker's function; it returned ${describeValue(made)}.`,
      );
    }
    return await (made as Called)(input, job);
  }

  /** A provider that several of them need is one, in one job. */
  private resolve(job: JobContext, moduleRef: ModuleRef): Promise<unknown[]> {
    const id = ContextIdFactory.create();
    moduleRef.registerRequestByContextId(job, id);
    return Promise.all(this.tokens.map((token) => moduleRef.resolve<unknown>(token, id, { strict: false })));
  }

  private scopeOf(token: Token, moduleRef: ModuleRef): Scope {
    try {
      return moduleRef.introspect(token).scope;
    } catch (cause) {
      throw new InvalidOptionsError(
        this.name,
        `injects ${describeName(nameOfToken(token))}, which is no provider of the worker's context (${describeCause(cause)}).`,
        undefined,
        cause,
      );
    }
  }
}

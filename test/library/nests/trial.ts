import 'reflect-metadata';
import type { DynamicModule, INestApplication, ModuleMetadata, NestModule, Type } from '@nestjs/common';
import { Module, type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Client } from './client.js';
import type { AdapterName } from './features.js';
import { RecordingLogger } from './recording-logger.js';

/** What a file in `features/` exports: what it returns must be the same with the module and without. */
export type Feature = (trial: Trial) => Promise<unknown>;

export interface TrialOptions extends NestApplicationOptions {
  /** The middleware of the root module. */
  configure?: NestModule['configure'];
  /** What is done to the application before it listens. */
  prepare?: (app: INestApplication) => unknown;
}

/** One run of a feature: on one adapter, with the module in the root or without. */
export class Trial {
  readonly logger = new RecordingLogger();

  constructor(
    readonly adapter: AdapterName,
    /** `[]`, or the module that should not make a difference. */
    readonly imports: readonly DynamicModule[],
  ) {}

  get withModule(): boolean {
    return this.imports.length > 0;
  }

  /** A root module. */
  root(metadata: ModuleMetadata, configure?: NestModule['configure']): Type<unknown> {
    class Root {}
    if (configure !== undefined) Object.assign(Root.prototype, { configure });
    Module({ ...metadata, imports: [...this.imports, ...(metadata.imports ?? [])] })(Root);
    return Root;
  }

  async create(
    metadata: ModuleMetadata,
    { configure, prepare, ...options }: TrialOptions = {},
  ): Promise<INestApplication> {
    const adapter = this.adapter === 'express' ? new ExpressAdapter() : new FastifyAdapter();
    const root = this.root(metadata, configure);
    const settings = { logger: this.logger, abortOnError: false, ...options };
    const app = await NestFactory.create(root, adapter, settings);
    await prepare?.(app);
    return app;
  }

  /** An application that listens, and somebody who asks it. */
  async serve(
    metadata: ModuleMetadata,
    options?: TrialOptions,
  ): Promise<{ app: INestApplication; client: Client }> {
    const app = await this.create(metadata, options);
    await app.listen(0, '127.0.0.1');
    return { app, client: Client.of(app) };
  }

  /** Asks an application that lives no longer. */
  async ask<R>(
    metadata: ModuleMetadata,
    work: (client: Client, app: INestApplication) => Promise<R>,
    options?: TrialOptions,
  ): Promise<R> {
    const { app, client } = await this.serve(metadata, options);
    try {
      return await work(client, app);
    } finally {
      await app.close();
    }
  }
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import type { Unit } from '../watch/unit.js';
import { watch } from '../watch/watch.js';
import { Orders } from './orders.js';

/** Routes that Nest knows nothing of: a router on Express, a plugin on Fastify. */
@Injectable()
export class MountedRoutes {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly orders: Orders,
  ) {}

  mount(): void {
    const { httpAdapter } = this.host;
    if (httpAdapter.getType() === 'express') {
      httpAdapter.use('/u/mounted', (request: IncomingMessage, response: ServerResponse) =>
        this.answer(request, response),
      );
      httpAdapter.use('/u/mounted-callback', this.callback);
      return;
    }
    const plugin = async (instance: FastifyInstance): Promise<void> => {
      instance.get('/u/mounted', async (request, reply) => {
        reply.hijack();
        await this.answer(request.raw, reply.raw);
      });
      instance.get('/u/mounted-callback', (request, reply) => {
        reply.hijack();
        this.callback(request.raw, reply.raw);
      });
    };
    void httpAdapter.getInstance<FastifyInstance>().register(plugin);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      response.end(await this.work(request));
    } catch (error) {
      fail(watch.unitOf(request), response, error);
    }
  }

  /** Works unseen: nothing but the answer tells of its end. */
  private readonly callback = (request: IncomingMessage, response: ServerResponse): void => {
    const unit = watch.unitOf(request);
    this.work(request).then(
      (mark) => response.end(mark),
      (error: unknown) => fail(unit, response, error),
    );
  };

  private work(request: IncomingMessage): Promise<string> {
    const unit = watch.unitOf(request);
    return watch.work(unit, () => this.orders.list(unit));
  }
}

function fail(unit: Unit, response: ServerResponse, error: unknown): void {
  response.statusCode = 500;
  response.end(`${unit.mark} fails with ${String(error)}`);
}

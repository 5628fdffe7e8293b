import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type HttpServer, Injectable, type NestApplicationOptions } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { NOTHING_TO_WAIT_FOR } from '../../../hooks/nothing-to-wait-for.js';
import { followExpress, followExpressHooks } from './express-hand-overs.js';
import { followFastify } from './fastify-hand-overs.js';
import { enter } from './hand-over.js';
import { HttpConnections } from './http-connections.js';
import type { HttpLeaseScope } from './http-lease-scope.js';
import { HttpScopes } from './http-scopes.js';
import { standBetweenHandOvers } from './nest-hand-overs.js';
import { redefine } from './redefine.js';

/** What Fastify says of its own options. */
interface ClosingInstance {
  readonly initialConfig?: { readonly forceCloseConnections?: unknown };
}

/**
 * The HTTP platform that an application stands on, followed from the first moment at which its adapter is known: before the
 * application mounts anything on it, and before it listens.
 */
@Injectable()
export class HttpPlatform {
  /** What the application says of its connections' end. */
  options: Pick<NestApplicationOptions, 'forceCloseConnections' | 'return503OnClosing'> = {};
  /** What comes before everything else of the application's end, and is awaited. */
  beforeClosing: () => Promise<void> = () => NOTHING_TO_WAIT_FOR;
  private readonly followed = new WeakSet<HttpServer>();

  constructor(
    private readonly host: HttpAdapterHost,
    private readonly scopes: HttpScopes,
    private readonly connections: HttpConnections,
  ) {
    standBetweenHandOvers();
    this.follow(host.httpAdapter);
    this.followLater();
  }

  /** Follows the adapter that the host has now, if it was not followed before. */
  follow(adapter: HttpServer | undefined = this.host.httpAdapter): void {
    const type = adapter?.getType?.();
    if (adapter === undefined || type === undefined || type === '' || this.followed.has(adapter)) return;
    this.followed.add(adapter);
    this.watchServer(adapter);
    this.watchClosing(adapter);
    if (type === 'fastify') followFastify(adapter, this.scopes, this.connections);
    else if (type === 'express' && followExpress(adapter.getInstance(), this.scopes))
      followExpressHooks(adapter, this.scopes);
    else
      adapter.use((request: IncomingMessage, response: ServerResponse, next: () => void) =>
        enter(this.listened(request, response), next),
      );
  }

  /** Of a platform whose hand-overs nobody follows, only the response tells. */
  private listened(request: IncomingMessage, response: ServerResponse): HttpLeaseScope {
    const scope = this.scopes.of(request, response);
    scope.listen();
    return scope;
  }

  /** Whether Nest or the platform closes all connections itself, at once. */
  get closesByForce(): boolean {
    const instance = this.host.httpAdapter?.getInstance<ClosingInstance | undefined>();
    const { forceCloseConnections } = instance?.initialConfig ?? {};
    return this.options.forceCloseConnections === true || forceCloseConnections === true;
  }

  /** Of a testing module, the adapter is known when the application is made. */
  private followLater(): void {
    const { host } = this;
    const { prototype } = HttpAdapterHost;
    Object.defineProperty(host, 'httpAdapter', {
      get: () => Reflect.get(prototype, 'httpAdapter', host),
      set: (adapter: HttpServer) => {
        Reflect.set(prototype, 'httpAdapter', adapter, host);
        this.follow(adapter);
      },
      configurable: true,
      enumerable: false,
    });
  }

  /** Nest 12 awaits this method before it calls the first hook, and before its adapters refuse requests; Nest 11 has none. */
  private watchClosing(adapter: HttpServer): void {
    const prepare = (): Promise<void> => this.beforeClosing();
    redefine<(this: unknown, ...args: unknown[]) => unknown>(adapter, 'beforeClose', (beforeClose) => {
      return async function (...args) {
        await prepare();
        return await beforeClose.apply(this, args);
      };
    });
  }

  private watchServer(adapter: HttpServer): void {
    const learn = (options: NestApplicationOptions | undefined): void => {
      if (options !== undefined) this.options = options;
      const server = adapter.getHttpServer() as Server | undefined;
      if (typeof server?.on === 'function') this.connections.watch(server);
    };
    redefine<(this: unknown, options?: NestApplicationOptions) => unknown>(
      adapter,
      'initHttpServer',
      (init) => {
        return function (options) {
          const result = init.call(this, options);
          learn(options);
          return result;
        };
      },
    );
    learn(undefined);
  }
}

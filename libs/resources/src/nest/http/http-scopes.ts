import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { currentScope } from '../../coordinator/lease-scope.js';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { HttpConnection } from './http-connection.js';
import { HttpLeaseScope } from './http-lease-scope.js';

/**
 * Gives every HTTP request its lease scope, and lets a shutdown find the responses in progress.
 * How the scope learns of its end is the scope's business.
 */
@Injectable()
export class HttpScopes {
  private readonly connections = new Map<Socket, HttpConnection>();
  private draining = false;

  constructor(private readonly coordinator: ResourceCoordinator) {}

  /** Middleware: everything that answers the request runs in its scope. */
  readonly enter = (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const around = currentScope.getStore();
    if (around instanceof HttpLeaseScope && around.response === response) return next(); // has entered already
    const connection = this.connectionOf(request);
    if (connection !== undefined) connection.latest = response;
    if (this.draining) askToHangUp(response);
    const scope = new HttpLeaseScope(this.coordinator, around, response, connection);
    currentScope.run(scope, next);
  };

  /** From now on, connections close with their response. */
  startDraining(): void {
    this.draining = true;
    for (const { unfinished } of this.connections.values()) {
      if (unfinished !== undefined) askToHangUp(unfinished);
    }
  }

  /** Resolves when no response is in progress. */
  async answered(): Promise<void> {
    for (;;) {
      const { inProgress } = this;
      if (inProgress.length === 0) return;
      await Promise.all(inProgress.map((connection) => connection.answered()));
    }
  }

  /** Cuts off the responses that are still in progress. @returns how many */
  cutOff(): number {
    const { inProgress } = this;
    for (const { socket } of inProgress) socket.destroy();
    return inProgress.length;
  }

  private get inProgress(): HttpConnection[] {
    return [...this.connections.values()].filter(({ unfinished }) => unfinished !== undefined);
  }

  /** HTTP/2 streams close by themselves, and have no socket of their own to watch. */
  private connectionOf({ socket, httpVersionMajor }: IncomingMessage): HttpConnection | undefined {
    // A request made without a network (such as Fastify's inject) has no real socket.
    if (httpVersionMajor > 1 || typeof socket?.once !== 'function') return undefined;
    let connection = this.connections.get(socket);
    if (connection === undefined) {
      connection = new HttpConnection(socket, () => this.connections.delete(socket));
      this.connections.set(socket, connection);
    }
    return connection;
  }
}

function askToHangUp(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('connection', 'close');
}

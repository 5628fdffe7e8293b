import { IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Takes what is written to it, and has nothing to say. */
class DeadEnd extends Duplex {
  override _read(): void {
    // Nothing ever comes.
  }

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done();
  }

  override _writev(_chunks: unknown, done: () => void): void {
    done();
  }
}

/**
 * Lets a server answer requests that no network brings: what is left is JavaScript, and steady enough for differences of a
 * tenth of a microsecond.
 *
 * @returns CPU microseconds per request
 */
export async function cpuUnplugged(server: Server, requests: number): Promise<number> {
  const socket = deadEnd();
  const start = process.cpuUsage();
  for (let i = 0; i < requests; i++) await answerOne(server, socket);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / requests;
}

/** A connection that ends nowhere. It takes one response after the other. */
export function deadEnd(): Socket {
  return new DeadEnd() as unknown as Socket; // has what a response uses of one
}

/** Lets a server answer one request. */
export function answerOne(server: Server, socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const request = new IncomingMessage(socket);
    Object.assign(request, {
      method: 'GET',
      url: '/',
      httpVersionMajor: 1,
      httpVersionMinor: 1,
      httpVersion: '1.1',
    });
    request.headers = { host: '127.0.0.1' };
    request.push(null);
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.once('finish', () => {
      response.detachSocket(socket);
      resolve();
    });
    server.emit('request', request, response);
  });
}

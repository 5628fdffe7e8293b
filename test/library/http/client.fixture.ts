import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { once } from 'node:events';

/** One request on a connection of its own, over a real socket. */
export class Client {
  constructor(private readonly port: number) {}

  send(method: string, path: string): ClientRequest {
    const sent = request({ port: this.port, host: '127.0.0.1', path, method, agent: false });
    sent.on('error', () => undefined); // an abort is the test's own doing
    return sent;
  }

  async get(
    path: string,
    method = 'GET',
  ): Promise<{ status: number; body: string; headers: IncomingMessage['headers'] }> {
    const sent = this.send(method, path);
    sent.end();
    return await this.answer(sent);
  }

  /** The body in two chunks without a length. */
  async postInChunks(path: string, body: string): Promise<{ status: number; body: string }> {
    const sent = this.send('POST', path);
    sent.setHeader('content-type', 'application/json');
    const middle = Math.floor(body.length / 2);
    sent.write(body.slice(0, middle));
    await new Promise((resolve) => setImmediate(resolve));
    sent.end(body.slice(middle));
    return await this.answer(sent);
  }

  async answer(
    sent: ClientRequest,
  ): Promise<{ status: number; body: string; headers: IncomingMessage['headers'] }> {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let body = '';
    response.setEncoding('utf8');
    for await (const chunk of response) body += chunk;
    return { status: response.statusCode ?? 0, body, headers: response.headers };
  }

  /** Several requests on one connection without waiting for answers. */
  pipeline(paths: string[]): { abort(): void } {
    const socket = connect(this.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''));
    return { abort: () => socket.resetAndDestroy() };
  }
}

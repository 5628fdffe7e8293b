import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';

export interface Answer {
  status: number;
  /** As they came, in their order and spelling, but the date. */
  headers: string[];
  body: string;
}

export interface Question {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  agent?: Agent;
}

/** Somebody who asks an application over HTTP, and keeps all of the answer. */
export class Client {
  constructor(readonly port: number) {}

  static of(app: INestApplication): Client {
    const { port } = (app.getHttpServer() as { address(): AddressInfo }).address();
    return new Client(port);
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return await this.ask(path, { headers });
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return await this.ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  /** Asks for one path after the other. */
  async all(paths: readonly string[]): Promise<Record<string, Answer>> {
    const answers: Record<string, Answer> = {};
    for (const path of paths) answers[path] = await this.get(path);
    return answers;
  }

  /** @returns the answer, or the code of the error that came instead */
  async ask(path: string, question: Question = {}): Promise<Answer> {
    try {
      const answer = await this.open(path, question);
      const headers = headersOf(answer);
      let body = '';
      try {
        for await (const chunk of answer.setEncoding('utf8')) body += String(chunk);
      } catch (error) {
        body += ` and then ${codeOf(error)}`;
      }
      return { status: answer.statusCode ?? 0, headers, body };
    } catch (error) {
      return { status: 0, headers: [], body: codeOf(error) };
    }
  }

  /** @returns the answer whose body is still to come */
  open(path: string, { body, headers = {}, ...question }: Question = {}): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const options: RequestOptions = {
        host: '127.0.0.1',
        port: this.port,
        path,
        headers: { ...length, ...headers },
        agent: false,
        ...question,
      };
      request(options, resolve).once('error', reject).end(body);
    });
  }
}

function headersOf({ rawHeaders }: IncomingMessage): string[] {
  const headers: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.toLowerCase() !== 'date') headers.push(`${name}: ${rawHeaders[index + 1] ?? ''}`);
  }
  return headers;
}

export function codeOf(error: unknown): string {
  return (error as { code?: string }).code ?? String(error);
}

import { Agent, request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface Question {
  method?: 'GET' | 'POST' | 'PATCH';
  path: string;
  /** An object is sent as JSON. */
  body?: string | object;
  headers?: OutgoingHttpHeaders;
}

/** Speaks HTTP over connections of its own that it keeps alive, and can hang up in the middle. */
export class HttpClient {
  private readonly agent: Agent;

  constructor(
    private readonly url: string,
    connections = Infinity,
  ) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /**
   * Rejects when the connection fails before the whole answer is there. `onAnswer` is called when the answer begins.
   */
  send(question: Question, signal?: AbortSignal, onAnswer?: () => void): Promise<Answer> {
    const { method = 'GET', path, body, headers } = question;
    const payload = typeof body === 'object' ? JSON.stringify(body) : body;
    return new Promise((resolve, reject) => {
      const sent = request(`${this.url}${path}`, {
        method,
        agent: this.agent,
        signal,
        headers: {
          ...(payload === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          ...headers,
        },
      });
      sent.once('error', reject);
      sent.once('response', (response) => {
        onAnswer?.();
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('error', reject);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      sent.end(payload);
    });
  }

  async json(question: Question): Promise<{ status: number; body: unknown }> {
    const { status, text } = await this.send(question);
    return { status, body: JSON.parse(text) as unknown };
  }

  close(): void {
    this.agent.destroy();
  }
}

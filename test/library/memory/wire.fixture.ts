import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { KEY_HEADER } from './plan.fixture.js';

/** The head of a request of its own key. */
export function head(serial: number, line: string, ...headers: string[]): string {
  return [`${line} HTTP/1.1`, 'Host: localhost', `${KEY_HEADER}: ${serial}`, ...headers, '', ''].join('\r\n');
}

/** A client's connection, which reads answers and ends as the test wishes. */
export class Wire {
  private heard = Buffer.alloc(0);
  private wake: () => void = () => undefined;
  private closed = false;
  private read = 0;

  private constructor(private readonly socket: Socket) {
    socket.on('error', () => undefined); // being cut off is no news
    socket.on('data', (data) => {
      this.read += data.length;
      this.heard = Buffer.concat([this.heard, data]);
      this.wake();
    });
    socket.on('close', () => {
      this.closed = true;
      this.wake();
    });
  }

  static async open(port: number): Promise<Wire> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const wire = new Wire(socket);
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    return wire;
  }

  get open(): boolean {
    return !this.closed;
  }

  /** Resolves when the system has taken it. */
  send(...parts: (string | Buffer)[]): Promise<void> {
    return new Promise((resolve) => {
      const whole = Buffer.concat(parts.map((part) => Buffer.from(part)));
      this.socket.write(whole, () => resolve());
    });
  }

  /** Reads one answer with a length, to its end. */
  async answer(withBody = true): Promise<number> {
    const end = await this.until(() => this.heard.indexOf('\r\n\r\n') + 1 || undefined);
    if (end === undefined) return 0;
    const text = this.heard.toString('latin1', 0, end);
    const length = withBody ? Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0) : 0;
    const total = end + 3 + length;
    await this.until(() => this.heard.length >= total || undefined);
    this.heard = this.heard.subarray(total);
    return Number(text.slice(9, 12));
  }

  /** Until so much has come, or nothing will any more. */
  async bytes(count: number): Promise<void> {
    await this.until(() => {
      this.heard = Buffer.alloc(0);
      return this.read >= count || undefined;
    });
  }

  pause(): void {
    this.socket.pause();
  }

  /** Until both sides are done with it. */
  async reset(): Promise<void> {
    if (this.closed) return;
    const closed = once(this.socket, 'close');
    this.socket.resetAndDestroy();
    await closed;
  }

  private async until<R>(look: () => R | undefined): Promise<R | undefined> {
    for (;;) {
      const found = look();
      if (found !== undefined || this.closed) return found;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

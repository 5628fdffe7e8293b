import type { Socket } from 'node:net';
import { Relay } from '../relay.fixture.js';

/** What becomes of a COMMIT: it passes; the connection breaks before it reaches the server, or after, before the answer; the answer never comes. */
export type Fate = 'passes' | 'lost on its way' | 'answer lost' | 'never answered';

/** Stands before a server, and loses commits. */
export class CommitProxy {
  fate: Fate = 'passes';
  /** Commits that it has seen, a count. */
  commits = 0;
  private relay!: Relay;

  /** @param target URL of the server */
  static async before(target: string): Promise<CommitProxy> {
    const proxy = new CommitProxy();
    proxy.relay = await Relay.before(target, (client, upstream) => proxy.pass(client, upstream));
    return proxy;
  }

  get url(): string {
    return this.relay.url;
  }

  close(): Promise<void> {
    return this.relay.close();
  }

  private pass(client: Socket, upstream: Socket): void {
    let isMute = false;
    client.on('data', (chunk) => {
      const isCommit = chunk.includes('COMMIT');
      if (isCommit) this.commits++;
      if (isCommit && this.fate === 'lost on its way') return client.destroy();
      if (isCommit && this.fate !== 'passes') isMute = true;
      upstream.write(chunk);
      return undefined;
    });
    upstream.on('data', (chunk) => {
      if (!isMute) client.write(chunk);
      else if (this.fate === 'answer lost') client.destroy();
    });
  }
}

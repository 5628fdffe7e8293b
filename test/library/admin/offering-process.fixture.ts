import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { forkTypeScript } from '../../typescript/fork-typescript.fixture.js';

const PROGRAM = new URL('./offer.ts', import.meta.url);

/** A process with an admin socket. */
export class OfferingProcess {
  private readonly heard: string[] = [];
  readonly exit: Promise<number | NodeJS.Signals | null>;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message) => this.heard.push(message as string)); // nothing else is sent
    this.exit = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  }

  /**
   * Resolves when its socket is open, or refused.
   *
   * @param how a cluster is one with a worker
   */
  static async start(path: string, how: 'cluster' | 'alone' = 'alone'): Promise<OfferingProcess> {
    const offering = new OfferingProcess(forkTypeScript(PROGRAM, { args: [path, how] }));
    await offering.more(0);
    return offering;
  }

  /** One more worker of a cluster, which opens a socket, too. */
  async fork(): Promise<void> {
    const before = this.heard.length;
    this.child.send('fork');
    await this.more(before);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The sockets' paths, or why there is none. */
  get opened(): readonly string[] {
    return this.heard;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Leaves it nothing to do but what the socket asks for, and waits for its end. */
  async letGo(): Promise<number | NodeJS.Signals | null> {
    this.child.send('go');
    return await this.exit;
  }

  /** Closes the socket, and waits for the end. */
  async close(): Promise<void> {
    if (this.child.connected) this.child.send('close');
    await this.exit;
  }

  private async more(before: number): Promise<void> {
    while (this.heard.length <= before) await Promise.race([once(this.child, 'message'), failAt(this.exit)]);
  }
}

async function failAt(exit: Promise<unknown>): Promise<never> {
  throw new Error(`it has ended with ${String(await exit)}`);
}

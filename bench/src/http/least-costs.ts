import type { ServerProcess } from './server-process.js';

/** Samples without a network for each one with it: they take a third of the time. */
const UNPLUGGED = 3;

/** What a request costs one process. Of its samples the least counts, because a machine's noise only ever adds. */
export class LeastCosts {
  /** CPU microseconds per request, over sockets. */
  cpu = Infinity;
  /** The same without a network. */
  script = Infinity;

  constructor(
    readonly server: ServerProcess,
    private readonly requests: number,
  ) {}

  async sampleSockets(): Promise<void> {
    this.cpu = Math.min(this.cpu, await this.server.cpuPerRequest(this.requests));
  }

  async sampleScript(): Promise<void> {
    for (let i = 0; i < UNPLUGGED; i++)
      this.script = Math.min(this.script, await this.server.cpuUnplugged(this.requests));
  }
}

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { messageOf } from '../command/message-of.js';

const CONNECTIONS = 32;
/** Milliseconds after which it is seen that all requests are answered. */
const SAMPLE_INTERVAL = 20;
const serverFile = fileURLToPath(new URL('./server.js', import.meta.url));

/** A server in a process of its own, on the Node of our choice; the load on it comes from this process. */
export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  /**
   * @param node the program to run it on
   * @param file the server, beside the library that it uses: by default this checkout's
   * @throws Error when it ends before it listens
   */
  static async start(
    node: string,
    variant: string,
    adapter: string,
    file = serverFile,
  ): Promise<ServerProcess> {
    const child = fork(file, [variant, adapter], { execPath: node, execArgv: [] });
    const { port } = await messageOf<{ port: number }>(child);
    return new ServerProcess(child, port);
  }

  /** CPU microseconds of the server per request. */
  async cpuPerRequest(requests: number): Promise<number> {
    const before = await this.cpu();
    const url = `http://127.0.0.1:${this.port}`;
    const result = await autocannon({
      url,
      connections: CONNECTIONS,
      amount: requests,
      sampleInt: SAMPLE_INTERVAL,
    });
    if (result.non2xx + result.errors > 0) throw new Error(`${url} does not answer as it should`);
    return ((await this.cpu()) - before) / requests;
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill();
    await exited;
  }

  /** The same of requests that no network brings: what the JavaScript costs. */
  cpuUnplugged(requests: number): Promise<number> {
    return this.ask(requests);
  }

  private cpu(): Promise<number> {
    return this.ask('cpu');
  }

  private async ask(what: 'cpu' | number): Promise<number> {
    this.child.send(what);
    return (await messageOf<{ cpu: number }>(this.child)).cpu;
  }
}

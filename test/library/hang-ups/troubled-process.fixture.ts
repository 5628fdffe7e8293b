import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { forkTypeScript } from '../../typescript/fork-typescript.fixture.js';
import { type Adapter, type Count, SEEN, UNSEEN } from './plan.fixture.js';

const PROGRAM = new URL('./application.fixture.ts', import.meta.url);
const HOST = '127.0.0.1';
/** Of those who hang up as fast as they can. */
const CLIENTS = 20;
/** Longest that somebody stays before he hangs up, in milliseconds: somewhat longer than seen work takes. */
const STAY = 16;
/** How long somebody stays whose work will go on unseen. */
const UNSEEN_STAY = 30;

/** Of honest requests: how many there were and how many were answered as they should be. */
export interface Honest {
  asked: number;
  right: number;
  wrong: string[];
}

/** An application as a process of its own, with clients that hang up on it and honest ones. */
export class TroubledProcess {
  readonly honest: Honest = { asked: 0, right: 0, wrong: [] };
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(adapter: Adapter, node = process.execPath): Promise<TroubledProcess> {
    const child = forkTypeScript(PROGRAM, { node, env: { ADAPTER: adapter } });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return new TroubledProcess(child, port);
  }

  /** So many clients that hang up where all work can be seen, with an honest request to every fourth. */
  async hangUpOnSeenWork(count: number): Promise<void> {
    let next = 0;
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (next < count) {
          const serial = next++;
          // Neither paths nor stays keep step with each other.
          const stay = serial % 13 === 0 ? STAY * 3 : (serial * 7) % STAY;
          await this.hangUp(SEEN[serial % SEEN.length], stay);
          if (serial % 4 === 0) await this.ask();
        }
      }),
    );
  }

  /** At these rates per second, for so many seconds. */
  async hangUpOnUnseenWork(hangUps: number, honest: number, seconds: number): Promise<void> {
    const works: Promise<void>[] = [];
    const rate = hangUps + honest;
    const from = performance.now();
    let served = 0;
    for (let serial = 0; serial < rate * seconds; serial++) {
      await delay(Math.max(0, from + (serial * 1_000) / rate - performance.now()));
      // Hang-ups are spread evenly among the honest.
      const due = Math.floor(((serial + 1) * hangUps) / rate);
      works.push(due > served ? this.hangUp(UNSEEN[due % UNSEEN.length], UNSEEN_STAY) : this.ask());
      served = due;
    }
    await Promise.all(works);
  }

  async count(): Promise<Count> {
    this.child.send({});
    const [count] = (await once(this.child, 'message')) as [Count];
    return count;
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    this.child.kill('SIGKILL');
    await once(this.child, 'close');
  }

  private async hangUp(path: string, stay: number): Promise<void> {
    const socket = connect({ port: this.port, host: HOST });
    socket.on('error', () => undefined);
    socket.resume();
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await delay(stay);
    const closed = socket.destroyed ? undefined : once(socket, 'close');
    socket.resetAndDestroy();
    await closed;
  }

  private async ask(): Promise<void> {
    this.honest.asked++;
    const answer = await this.answer();
    if (answer === '200 right') this.honest.right++;
    else this.honest.wrong.push(answer);
  }

  private async answer(): Promise<string> {
    try {
      const [response] = (await once(
        get({ port: this.port, host: HOST, path: '/honest', agent: this.agent }),
        'response',
      )) as [IncomingMessage];
      let body = '';
      for await (const chunk of response) body += String(chunk);
      return `${response.statusCode} ${body}`;
    } catch (error) {
      return String(error);
    }
  }
}

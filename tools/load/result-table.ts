import type { Activity } from './activity.js';
import type { Latencies } from './latencies.js';
import type { LoadRun } from './load-run.js';
import type { PoolWatch } from './pool-watch.js';
import type { ReportClients } from './report-clients.js';

interface Outcome {
  readonly run: LoadRun;
  readonly watch: PoolWatch;
  readonly reports: ReportClients;
  readonly leasesLeft: number;
}

const ACTIVITIES: readonly Activity[] = ['no report', 'in a processor', 'on the event loop'];

export function resultTable({ run, watch, reports, leasesLeft }: Outcome): string {
  const durations = reports.durations.toSorted((one, other) => one - other);
  return aligned([
    ['requests', run.requests],
    ['errors', run.errorCount],
    ...[...run.errors].map(([error, count]): [string, number] => [`  ${error}`, count]),
    ['reports', durations.length],
    ['  p50', milliseconds(durations[Math.floor(durations.length / 2)])],
    ['  longest', milliseconds(durations.at(-1))],
    ['  hung up on', reports.hungUp],
    ['  refused', reports.refused],
    ['peak leased', watch.peakLeased],
    ['peak waiting', watch.peakPending],
    ['leases', watch.latest.acquired],
    ['waits timed out', watch.latest.timeouts],
    ['leases left', leasesLeft],
  ]);
}

/** What other requests waited for while reports were rendered, and while there were none. */
export function latencyTable({ all, probe }: { all: Latencies; probe: Latencies }): string {
  const rows = ACTIVITIES.filter((activity) => all.count(activity) > 0).map((activity) => [
    activity,
    all.count(activity),
    milliseconds(all.percentile(activity, 50)),
    milliseconds(all.percentile(activity, 99)),
    milliseconds(probe.percentile(activity, 50)),
    milliseconds(probe.percentile(activity, 99)),
  ]);
  return aligned([['reports', 'requests', 'p50', 'p99', 'probe p50', 'probe p99'], ...rows]);
}

function milliseconds(duration: number | undefined): string {
  return duration === undefined ? '-' : `${duration.toFixed(duration < 10 ? 1 : 0)} ms`;
}

function aligned(rows: readonly (readonly (string | number)[])[]): string {
  const width = Math.max(...rows.map(([name]) => String(name).length));
  const line = ([name, ...values]: readonly (string | number)[]): string =>
    [String(name).padEnd(width), ...values.map((value) => String(value).padStart(9))].join('  ');
  return rows.map(line).join('\n');
}

import type { Result } from 'autocannon';
import type { LoadRun } from './load-run.js';
import type { PoolWatch } from './pool-watch.js';

export function resultTable(run: LoadRun, result: Result, watch: PoolWatch, leasesLeft: number): string {
  const rows: [string, string | number][] = [
    ['requests', run.requests],
    ['errors', run.errorCount],
    ...[...run.errors].map(([error, count]): [string, number] => [`  ${error}`, count]),
    ['p50', `${result.latency.p50} ms`],
    ['p99', `${result.latency.p99} ms`],
    ['peak leased', watch.peakLeased],
    ['peak waiting', watch.peakPending],
    ['leases', watch.latest.acquired],
    ['waits timed out', watch.latest.timeouts],
    ['leases left', leasesLeft],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${String(value).padStart(8)}`).join('\n');
}

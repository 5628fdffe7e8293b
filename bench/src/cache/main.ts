import { cpus } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { allBounds, line } from './bounds.js';
import { type Cell, compare, head, measure, row, SIZES, summary } from './hit-rates.js';
import { knownTraces, type TraceFile } from './known-traces.js';
import { referenceWorkload } from './reference-workload.js';
import { table, throughput } from './throughput.js';
import { readTrace, TRACE_FORMATS, type TraceFormat } from './trace.js';

const PARTS = ['hit-rates', 'workload', 'throughput', 'bounds'] as const;
const FURTHER = fileURLToPath(new URL('../../../../shared/traces', import.meta.url));
const QUICK_ACCESSES = 200_000;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    /** Small runs, to see that all of it works. */
    quick: { type: 'boolean', default: false },
    /** Some of the parts, separated by commas. */
    only: { type: 'string', default: PARTS.join(',') },
    /** One trace in place of the known ones, and how it is written. */
    trace: { type: 'string' },
    format: { type: 'string', default: 'lines' },
    /** A folder of further traces. */
    traces: { type: 'string', default: FURTHER },
    rounds: { type: 'string' },
  },
});

const only = values.only.split(',');
const isTrace = values.trace !== undefined;
const wants = (part: (typeof PARTS)[number]): boolean =>
  isTrace ? part === 'hit-rates' : only.includes(part);
const unknown = only.find((part) => !PARTS.some((known) => known === part));
if (unknown !== undefined) throw new Error(`--only ${unknown}: one of ${PARTS.join(', ')}`);

function say(text: string): void {
  if (!values.json) process.stdout.write(`${text}\n`);
}

function format(name: string): TraceFormat {
  const known = TRACE_FORMATS.find((one) => one === name);
  if (known === undefined) throw new Error(`--format ${name}: one of ${TRACE_FORMATS.join(', ')}`);
  return known;
}

function hitRates(): { cells: Cell[]; comparisons: ReturnType<typeof compare> } {
  const files: TraceFile[] =
    values.trace === undefined
      ? knownTraces(values.traces)
      : [{ file: values.trace, format: format(values.format) }];
  const cells: Cell[] = [];
  say(head());
  for (const one of files) {
    const trace = readTrace(one.file, one.format, values.quick ? QUICK_ACCESSES : Infinity);
    if (trace.accesses.length === 0) throw new Error(`${basename(one.file)}: no accesses`);
    for (const size of SIZES) {
      const cell = measure(trace, size);
      cells.push(cell);
      say(row(cell));
    }
  }
  const comparisons = compare(cells);
  say(`\n${summary(comparisons)}\n`);
  return { cells, comparisons };
}

const report: Record<string, unknown> = {
  machine: { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, platform: process.platform },
};
if (wants('hit-rates')) report['hitRates'] = hitRates();
if (wants('workload')) {
  const result = await referenceWorkload(values.quick ? 100_000 : 1_000_000);
  report['workload'] = result;
  say(
    `reference workload: ${result.requests.toLocaleString('en')} look-ups of ${result.keys.toLocaleString('en')} prices, room for ` +
      `${result.max.toLocaleString('en')}: hit rate ${(result.hitRate * 100).toFixed(1)} %, ${(result.heap / 2 ** 20).toFixed(1)} MiB held\n`,
  );
}
if (wants('throughput')) {
  const results = await throughput(Number(values.rounds ?? (values.quick ? 1 : 5)), values.quick ? 0.3 : 1.5);
  report['throughput'] = results;
  say(`${table(results)}\n`);
}
if (wants('bounds')) {
  const results = allBounds(values.quick ? 200_000 : 10_000_000);
  report['bounds'] = results;
  say(`${results[0]?.operations.toLocaleString('en')} random operations\n${results.map(line).join('\n')}`);
  if (results.some((one) => one.mostEntries > one.max || one.mostWeight > one.maxWeight))
    process.exitCode = 1;
}
if (values.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);

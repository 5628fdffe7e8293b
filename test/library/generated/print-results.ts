import { writeFileSync } from 'node:fs';
import { table } from '../../../bench/src/command/table.js';
import type { Results } from './results.js';

/** Ends a command: prints its results, writes them to a file if one is named, and fails if a step has. */
export function printResults(results: Results, report: string | undefined): void {
  process.stdout.write(`${table(results.rows())}${results.failures()}\n${results.summary()}\n`);
  if (report !== undefined) writeFileSync(report, JSON.stringify(results.report()));
  process.exitCode = results.failed > 0 ? 1 : 0;
}

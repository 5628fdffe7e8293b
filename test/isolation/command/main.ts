import { readFileSync, writeFileSync } from 'node:fs';
import { nodeBinary } from '../../../bench/src/command/node-binary.js';
import type { Adapter, Round } from '../plan/plan.js';
import { planRound } from '../plan/plan-round.js';
import { describeViolation, planLines } from './describe.js';
import { type Job, type JobReport, runJob } from './job.js';
import { type CommandOptions, readOptions } from './options.js';
import { prove } from '../faults/prove.js';

// `npm run isolation`: random requests, and nothing of one may reach another.
const options = readOptions(process.argv.slice(2));
const print = (text: string): void => void process.stdout.write(`${text}\n`);

if (options.prove || options.plant !== undefined) process.exitCode = (await prove(options, print)) ? 0 : 1;
else process.exitCode = (await runAll()) ? 0 : 1;

/** @returns whether every invariant held, on every Node and adapter */
async function runAll(): Promise<boolean> {
  let held = true;
  for (const node of options.nodes) {
    const binary = await nodeBinary(node);
    for (const adapter of options.adapters) {
      const where = `${adapter}, Node ${node}, seed ${options.seed}`;
      print(`${where}: ${commandFor(options, adapter, node)}`);
      if (options.plan) planOf(adapter).forEach(print);
      const report = await runJob(jobFor(options, adapter), { progress: progressOf(where) }, binary);
      print(summary(where, report));
      if (report.violations.length === 0) continue;
      held = false;
      explain(report, adapter, node);
    }
  }
  return held;
}

function jobFor({ replay, library, shrink, ...rest }: CommandOptions, adapter: Adapter): Job {
  const { seed, requests, clients, size, from, handlers, keepGoing } = rest;
  const run = { adapter, seed, requests, clients, size, from, handlers, keepGoing };
  if (replay === undefined) return { library, run, shrink };
  const round = JSON.parse(readFileSync(replay, 'utf8')) as Round; // as `explain` has written it
  return { library, run: { ...run, keepGoing: true }, replay: { round, times: 10 }, shrink: false };
}

function planOf(adapter: Adapter): string[] {
  const { seed, from, replay } = options;
  if (replay !== undefined) return planLines(JSON.parse(readFileSync(replay, 'utf8')) as Round);
  return planLines(planRound(seed, from, { ...options, adapter }));
}

function progressOf(where: string): (message: { done: number; seconds: number; violations: number }) => void {
  let said = 0;
  return ({ done, seconds, violations }) => {
    if (seconds - said < 10) return;
    said = seconds;
    print(
      `  ${where}: ${done} requests in ${Math.round(seconds)} s, ${Math.round(done / seconds)}/s, ${violations} violations`,
    );
  };
}

function summary(where: string, { requests, seconds, counts }: JobReport): string {
  const crossings = counts.map(([invariant, count]) => `${invariant} ${count}`).join(', ');
  const rate = Math.round(requests / seconds);
  return `${where}: ${requests} requests in ${Math.round(seconds)} s (${rate}/s), ${crossings === '' ? '0 crossings' : crossings}`;
}

/** Says what was broken, by whom, and how to see it again. */
function explain({ violations, failed, shrunk }: JobReport, adapter: Adapter, node: number): void {
  const kinds = new Set<string>();
  for (const violation of violations) {
    if (!kinds.has(violation.invariant)) print(`\n${describeViolation(violation)}`);
    kinds.add(violation.invariant);
  }
  if (failed === undefined) return;
  if (options.plan) print(failed.journal.join('\n'));
  print(`\nto see it again: ${commandFor(options, adapter, node)} --round ${failed.round.number}`);
  if (shrunk === undefined) return;
  const file = `isolation-${adapter}-${options.seed}-${failed.round.number}.json`;
  writeFileSync(file, JSON.stringify(shrunk.round));
  const exchanges = planLines(shrunk.round);
  print(
    `made smaller: ${exchanges.length} exchange(s) break it in ${shrunk.came} of ${shrunk.of} repetitions`,
  );
  print(`to see that: ${commandFor(options, adapter, node)} --replay ${file} --plan`);
  for (const line of exchanges.slice(0, 20)) print(`  ${line}`);
  if (shrunk.journal.length <= 200) for (const line of shrunk.journal) print(`  ${line}`);
}

function commandFor(
  { seed, requests, clients, size, handlers, library }: CommandOptions,
  adapter: Adapter,
  node: number,
): string {
  const parts = [`--seed ${seed}`, `--requests ${requests}`, `--adapter ${adapter}`, `--nodes ${node}`];
  parts.push(`--clients ${clients}`, `--size ${size}`);
  if (handlers !== undefined) parts.push(`--handlers ${handlers.join(',')}`);
  if (library !== undefined) parts.push(`--library ${library}`);
  return `npm run isolation -- ${parts.join(' ')}`;
}

import type { ResourceCoordinator } from 'nestjs-resources';
import type { Client } from 'pg';
import type { Postgres } from '../../../application/postgres.fixture.js';
import { eventually } from '../../../eventually.fixture.js';
import type { CuttingProxy } from './cutting-proxy.fixture.js';
import type { TransactionTrial, Written } from './transaction-trial.fixture.js';
import type { Fate, Unit } from './unit.fixture.js';

/** Milliseconds that what was lost may take to be gone. */
const SOON = 5_000;

/** @returns what does not hold, in words; none when all does */
export async function brokenPromises(
  trial: TransactionTrial,
  coordinator: ResourceCoordinator,
  postgres: Postgres,
  proxy: CuttingProxy,
): Promise<string[]> {
  const found = [...trial.complaints];
  const say = (what: string): void => void found.push(what);
  for (const refusal of trial.refusals) checkRefusal(trial, refusal, say);
  for (const unit of trial.units) checkUnit(trial, unit, proxy, say);
  await checkSessions(coordinator, postgres).catch((error: Error) => say(error.message));
  const ids = trial.written.map(({ id }) => id);
  const present = new Set(
    (await postgres.query<{ id: number }>('SELECT id FROM rows WHERE id = ANY ($1)', [ids])).map(
      ({ id }) => id,
    ),
  );
  // Those of which it is known where they were first: by them, the others are judged.
  const rows = trial.written.toSorted((a, b) => Number(a.loose) - Number(b.loose));
  for (const row of rows) checkRow(trial, row, present.has(row.id), say);
  checkUnknown(trial, present, proxy, say);
  return found;
}

type Say = (what: string) => void;

function checkRefusal(
  { disturbed, units }: TransactionTrial,
  { asked, around, expected, loose, error }: TransactionTrial['refusals'][number],
  say: Say,
): void {
  if (expected || disturbed || loose) return;
  const own = around?.own;
  const spoilt =
    own !== undefined &&
    (own.excuses.length > 0 || units.some((unit) => unit.own === own && unit.state === 'failed'));
  if (!spoilt) say(`${asked.propagation} in ${String(around)} was refused: ${String(error)}`);
}

function checkUnit(trial: TransactionTrial, unit: Unit, proxy: CuttingProxy, say: Say): void {
  const { how, own, state, hooks, fate, port } = unit;
  if (state === 'running') say(`${unit.toString()} has not settled`);
  if (how === 'joined' && state === 'failed' && own.state === 'succeeded' && !unit.loose)
    say(`${own.toString()} succeeded, although ${unit.toString()} did not`);
  if (state === 'succeeded' && unit.thrown !== undefined) say(`${unit.toString()} swallowed an error`);
  const lost = port !== undefined && proxy.cut.has(port);
  if (state === 'unknown' && !trial.disturbed) say(`${unit.toString()} for no reason`);
  if (how === 'begun' && lost && state === 'succeeded' && own.port === port && wasLast(trial, unit))
    say(`${unit.toString()}, although its connection was lost at the commit`);
  if (unit.root === undefined || unit.loose) return;
  const wanted = HOOKS[fate];
  if (hooks.afterCommit !== wanted[0] || hooks.afterRollback !== wanted[1])
    say(`the hooks of ${unit.toString()} were called ${hooks.afterCommit} and ${hooks.afterRollback} times`);
}

/** Calls of afterCommit and of afterRollback. */
const HOOKS: Record<Fate, readonly [number, number]> = { kept: [1, 0], gone: [0, 1], either: [0, 0] };

/** Whether no later transaction began on the same connection. */
function wasLast({ units }: TransactionTrial, unit: Unit): boolean {
  return units.findLast(({ how, port }) => how === 'begun' && port === unit.port) === unit;
}

function checkRow(trial: TransactionTrial, row: Written, present: boolean, say: Say): void {
  const { unit, told, xid, loose } = row;
  const where = `row ${row.id} of ${unit?.toString() ?? 'no unit'}`;
  const root = unit?.root;
  if (told !== 'done') {
    if (present && !(trial.disturbed && root === undefined))
      say(`${where} is there, and its statement failed`);
    return;
  }
  if (root !== undefined && loose && root.xid === undefined) return; // it may have been on its own, or not
  const within = root !== undefined && (root.xid === undefined || root.xid === xid);
  if (root !== undefined && within) root.xid = xid;
  else if (root !== undefined && !loose) return say(`${where} was written outside of the transaction`);
  const stranger = trial.units.find((other) => other.root === other && other !== root && other.xid === xid);
  if (stranger !== undefined) say(`${where} was written in the transaction of ${stranger.toString()}`);
  if (root !== undefined && within) checkTerms(row, root, where, say);
  const fate = within && unit !== undefined ? unit.fate : 'kept';
  if (fate === 'either' || (loose && within && root.fate !== 'gone')) return;
  if (fate === 'kept' && !present) say(`${where} is lost`);
  if (fate === 'gone' && present) say(`${where} is there, and was rolled back`);
}

function checkTerms({ isolation, readOnly }: Written, { asked }: Unit, where: string, say: Say): void {
  if (isolation !== (asked.isolation ?? 'READ COMMITTED').toLowerCase())
    say(`${where} was written under ${isolation}`);
  if (readOnly !== (asked.readOnly === true ? 'on' : 'off'))
    say(`${where} was written read only: ${readOnly}`);
}

/** What is unknown is all there, or not at all: what was lost is an answer, or what it would have been to. */
function checkUnknown(
  { units, written }: TransactionTrial,
  present: ReadonlySet<number>,
  proxy: CuttingProxy,
  say: Say,
): void {
  for (const root of units) {
    if (root.root !== root || root.state !== 'unknown') continue;
    const rows = written.filter(
      ({ unit, told, loose }) => told === 'done' && !loose && unit?.root === root && unit.fate === 'either',
    );
    const there = rows.filter(({ id }) => present.has(id)).length;
    const loss = proxy.cut.get(root.port ?? 0);
    const wanted = loss === 'before' ? [0] : [0, rows.length]; // it may have been answered with a rollback
    if (!wanted.includes(there)) say(`of ${root.toString()}, ${there} of ${rows.length} rows are there`);
  }
}

const STATE = `SELECT current_setting('transaction_isolation') AS isolation,
  current_setting('transaction_read_only') AS "readOnly", pg_current_xact_id_if_assigned() IS NULL AS fresh`;

/** All sessions are back, as they were. */
async function checkSessions(coordinator: ResourceCoordinator, postgres: Postgres): Promise<void> {
  await eventually(async () => {
    const { pools, scopes } = coordinator.stats();
    const { leased, pending, size, creating } = pools.pg;
    if (leased + pending + creating + scopes > 0)
      throw new Error(`still ${leased} leased, ${pending} pending, ${creating} creating, ${scopes} scopes`);
    const states = (await postgres.sessions()).map(({ state }) => state);
    if (states.length !== size || states.some((state) => state !== 'idle'))
      throw new Error(`a pool of ${size} has sessions that are ${states.join(', ')}`);
  }, SOON);
  const { size } = coordinator.stats().pools.pg;
  const leases = await Promise.all(Array.from({ length: size }, () => coordinator.acquire<Client>('pg')));
  try {
    for (const { resource } of leases) {
      const status = resource.getTransactionStatus();
      const [state] = (await resource.query(STATE)).rows as unknown[];
      const found = JSON.stringify({ status, ...(state as object) });
      if (found !== '{"status":"I","isolation":"read committed","readOnly":"off","fresh":true}')
        throw new Error(`a session is left ${found}`);
    }
  } finally {
    await Promise.all(leases.map((lease) => lease.release()));
  }
}

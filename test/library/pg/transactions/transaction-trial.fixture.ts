import type { ResourceCoordinator, Transaction, TransactionOptions } from 'nestjs-resources';
import type { Client } from 'pg';
import type { Postgres } from '../../../application/postgres.fixture.js';
import { type CuttingProxy, portOf } from './cutting-proxy.fixture.js';
import type { Step, Transact, Way } from './transaction-tree.fixture.js';
import { howOf, Unit } from './unit.fixture.js';

/** A row that somebody has tried to write. */
export interface Written {
  readonly id: number;
  readonly unit: Unit | undefined;
  /** Whether it goes on while nobody waits for it, so that its unit may have ended. */
  readonly loose: boolean;
  /** What the caller was told. */
  told: 'nothing' | 'done' | 'failed';
  xid?: string;
  isolation?: string;
  readOnly?: string;
}

/** A call that has not become a unit. */
export interface Refusal {
  readonly asked: Transact;
  readonly around: Unit | undefined;
  readonly expected: boolean;
  readonly loose: boolean;
  readonly error: unknown;
}

/** Where a step is done. */
interface Place {
  readonly unit: Unit | undefined;
  readonly client: Client | undefined;
  readonly transaction: Transaction | undefined;
  readonly aborter: AbortController | undefined;
  /** Whether nobody waits for it. */
  readonly loose: boolean;
  readonly request: number;
}

const NOWHERE = {
  unit: undefined,
  client: undefined,
  transaction: undefined,
  aborter: undefined,
  loose: false,
};

/** What a step throws by itself. */
class Bug extends Error {
  override readonly name = 'Bug';
}

interface Returned {
  xid: string;
  isolation: string;
  readOnly: string;
}

const WRITE = `INSERT INTO rows (id) VALUES ($1) RETURNING pg_current_xact_id()::text AS xid,
  current_setting('transaction_isolation') AS isolation, current_setting('transaction_read_only') AS "readOnly"`;

let lastId = 0;

/** Does what trees of steps say, and writes down what each caller is told. It judges nothing. */
export class TransactionTrial {
  readonly units: Unit[] = [];
  readonly written: Written[] = [];
  readonly refusals: Refusal[] = [];
  /** What was thrown where nothing should be, such as by a hook's look. */
  readonly complaints: string[] = [];
  /** Whether a connection was lost, or a session ended: then a failure needs no other reason. */
  disturbed = false;
  private readonly spawned: Promise<unknown>[] = [];

  constructor(
    private readonly coordinator: ResourceCoordinator,
    private readonly postgres: Postgres,
    private readonly proxy: CuttingProxy,
  ) {}

  /** All requests, each in a scope of its own, and all that they have started. */
  async run(requests: readonly (readonly Step[])[]): Promise<void> {
    const scopes = requests.map((steps, request) =>
      this.coordinator.run(() => this.inOrder(steps, { ...NOWHERE, request }), {
        owner: `request ${request}`,
      }),
    );
    await Promise.allSettled(scopes);
    for (const promise of this.spawned) await promise.catch(() => undefined);
  }

  private async inOrder(steps: readonly Step[], place: Place): Promise<void> {
    for (const step of steps) await this.perform(step, place);
  }

  private async perform(step: Step, place: Place): Promise<void> {
    const { unit, client, transaction } = place;
    switch (step.do) {
      case 'write':
        return await this.write(step.way, place);
      case 'throw':
        throw new Bug('the work failed');
      case 'fail': {
        const failing = this.query(place, 'SELECT 1 / 0');
        return void (await (step.caught ? failing.catch(() => undefined) : failing));
      }
      case 'conflict':
        if (unit !== undefined && unit.attempt > step.attempts) return;
        return void (await this.query(place, `SELECT fails('${step.code}')`));
      case 'defer':
        unit?.root?.excuses.push('a deferred constraint');
        return void (await this.query(place, 'INSERT INTO parts (whole) VALUES (-1)'));
      case 'rollback-only':
        if (unit?.root !== undefined) unit.own.excuses.push('rollback-only');
        return transaction?.setRollbackOnly();
      case 'lose':
        if (client === undefined || unit?.root === undefined) return;
        this.disturbed = true;
        return this.proxy.arm(portOf(client), step.loss);
      case 'kill':
        if (client === undefined) return;
        this.disturbed = true;
        return void (await this.postgres.query('SELECT pg_terminate_backend($1, 5000)', [pidOf(client)]));
      case 'abort':
        if (place.aborter === undefined) return;
        this.disturbed = true;
        return place.aborter.abort(new Bug('aborted'));
      case 'together':
        return await this.together(step.branches, place);
      case 'spawn':
        this.spawned.push(Promise.resolve().then(() => this.inOrder(step.steps, { ...place, loose: true })));
        return;
      case 'try':
        return await this.inOrder(step.steps, place).catch(() => undefined);
      case 'transact':
        return await this.transact(step, place);
    }
  }

  private async together(branches: readonly (readonly Step[])[], place: Place): Promise<void> {
    const outcomes = await Promise.allSettled(branches.map((branch) => this.inOrder(branch, place)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  private async transact(asked: Transact, { unit: around, loose, request }: Place): Promise<void> {
    const { propagation, isolation, readOnly, retry } = asked;
    const how = howOf(asked, around);
    const alone = loose ? howOf(asked, undefined) : undefined; // what it would be refused in may be over
    const aborter = new AbortController();
    let last: Unit | undefined;
    let attempts = 0;
    const work = async (client: Client, transaction: Transaction | undefined): Promise<void> => {
      const unit = new Unit(how ?? alone ?? 'without', around, asked, ++attempts, loose, request);
      if (last !== undefined) last.state = 'failed';
      last = unit;
      this.units.push(unit);
      if (unit.root !== undefined) unit.port = portOf(client);
      this.hook(unit, transaction);
      try {
        await this.inOrder(asked.steps, { unit, client, transaction, aborter, loose, request });
      } catch (error) {
        unit.thrown = { error };
        throw error;
      }
    };
    const tries = retry > 0 && { attempts: retry + 1, delay: 1, maxDelay: 5 };
    const options: TransactionOptions = {
      propagation,
      isolation,
      readOnly,
      retry: tries,
      signal: aborter.signal,
    };
    try {
      await this.coordinator.transaction<Client>('pg', work, options);
    } catch (error) {
      if (last === undefined)
        this.refusals.push({ asked, around, expected: how === undefined, loose, error });
      else this.ended(last, error);
      throw error;
    }
    if (last === undefined) this.complaints.push(`${propagation} succeeded, and its work was never called`);
    else await this.succeeded(last);
  }

  private ended(unit: Unit, error: unknown): void {
    const unknown = error instanceof Error && error.name === 'TransactionOutcomeUnknownError';
    // A caller may pass on what another transaction of its own has told.
    unit.state = unknown && unit.thrown?.error !== error ? 'unknown' : 'failed';
    this.explain(unit, error);
  }

  private async succeeded(unit: Unit): Promise<void> {
    unit.state = 'succeeded';
    if (unit.how !== 'begun') return;
    await this.mustSee(unit, 'was reported as committed');
  }

  /** Whether others see what was written in it and is to be kept. */
  private async mustSee(unit: Unit, when: string): Promise<void> {
    const ids = this.written
      .filter((row) => row.told === 'done' && row.unit?.root === unit && row.unit.fate === 'kept')
      .map(({ id }) => id);
    if (ids.length === 0) return;
    const seen = await this.postgres.query('SELECT id FROM rows WHERE id = ANY ($1)', [ids]);
    if (seen.length < ids.length)
      this.complaints.push(
        `when ${unit.toString()} ${when}, others saw ${seen.length} of ${ids.length} rows`,
      );
  }

  private hook(unit: Unit, transaction: Transaction | undefined): void {
    if ((unit.root === undefined) !== (transaction === undefined))
      this.complaints.push(
        `${unit.toString()} was given ${transaction === undefined ? 'no' : 'a'} transaction`,
      );
    transaction?.afterCommit(() => void unit.hooks.afterCommit++);
    transaction?.afterRollback(() => void unit.hooks.afterRollback++);
  }

  /** Whether the failure has a reason that the model knows. */
  private explain(unit: Unit, error: unknown): void {
    const { own, thrown, excuses, loose } = unit;
    if (this.disturbed || loose || thrown?.error === error) return;
    const rollbackOnly = this.units.some(
      (other) => other.how === 'joined' && other.own === own && other.state === 'failed',
    );
    if (thrown === undefined && (rollbackOnly || [...excuses, ...own.excuses].length > 0)) return;
    this.complaints.push(`${unit.toString()} failed for no reason: ${String(error)}`);
  }

  private async write(way: Way, place: Place): Promise<void> {
    const { unit, loose } = place;
    const row: Written = { id: ++lastId, unit, loose, told: 'nothing' };
    this.written.push(row);
    try {
      const { rows } = await this.query(place, WRITE, [row.id], way);
      Object.assign(row, { told: 'done' }, rows[0]);
    } catch (error) {
      row.told = 'failed';
      throw error;
    } finally {
    }
  }

  private async query(
    place: Place,
    text: string,
    values: unknown[] = [],
    way: Way = 'resource',
  ): Promise<{ rows: Returned[] }> {
    try {
      return await this.send(place, text, values, way);
    } catch (error) {
      place.unit?.own.excuses.push('a statement failed');
      throw error;
    }
  }

  private async send(
    { client, unit }: Place,
    text: string,
    values: unknown[],
    way: Way,
  ): Promise<{ rows: Returned[] }> {
    // Who keeps a session beyond its loan, may have somebody else's.
    if (way === 'resource' && client !== undefined && unit?.state === 'running')
      return await client.query<Returned>(text, values);
    if (way !== 'acquire')
      return await this.coordinator.use<Client, { rows: Returned[] }>('pg', (own) =>
        own.query<Returned>(text, values),
      );
    const lease = await this.coordinator.acquire<Client>('pg');
    try {
      return await lease.resource.query<Returned>(text, values);
    } finally {
      await lease.release();
    }
  }
}

function pidOf(client: Client): number {
  return (client as unknown as { processID: number }).processID;
}

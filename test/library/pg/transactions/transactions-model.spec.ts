import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { asyncProperty, check, defaultReportMessage } from 'fast-check';
import { ResourceCoordinator } from 'nestjs-resources';
import { pgResource } from 'nestjs-resources/pg';
import { setTimeout as delay } from 'node:timers/promises';
import { Postgres } from '../../../application/postgres.fixture.js';
import { CuttingProxy } from './cutting-proxy.fixture.js';
import { brokenPromises } from './transaction-promises.fixture.js';
import { KNOWN, requests, type Step } from './transaction-tree.fixture.js';
import { TransactionTrial } from './transaction-trial.fixture.js';

/** How many trees to try, from which seed, and the one among them that failed. */
const { TRANSACTION_MODEL_RUNS, TRANSACTION_MODEL_SEED, TRANSACTION_MODEL_PATH } = process.env;

const RUNS = Number(TRANSACTION_MODEL_RUNS ?? 150);
/** The suite does the same each time; who asks for more runs gets new ones. */
const SEED = Number(
  TRANSACTION_MODEL_SEED ?? (TRANSACTION_MODEL_RUNS === undefined ? 1 : Date.now() % 2 ** 31),
);
/** Milliseconds, for finding a smaller tree that fails, too. */
const LIMIT = 60_000 + RUNS * 200;
/** What must have come about, or the trees try too little. */
const ENDS = ['begun', 'nested', 'joined', 'without'].flatMap((how) => [`${how} succeeded`, `${how} failed`]);
/** Most milliseconds for the requests of one tree: what takes longer waits for itself. */
const STUCK = 15_000;

const SCHEMA = `
  CREATE TABLE rows (id int PRIMARY KEY);
  CREATE TABLE wholes (id int PRIMARY KEY);
  CREATE TABLE parts (whole int REFERENCES wholes DEFERRABLE INITIALLY DEFERRED);
  CREATE FUNCTION fails(code text) RETURNS void LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN RAISE EXCEPTION 'as asked' USING ERRCODE = code; END $$;
`;

describe('transactions', () => {
  let postgres: Postgres;
  let proxy: CuttingProxy;
  let coordinator: ResourceCoordinator;
  const ends = new Set<string>();

  beforeAll(async () => {
    postgres = await Postgres.start();
    await postgres.query(SCHEMA);
  });

  beforeEach(async () => {
    proxy = await CuttingProxy.before(postgres.url);
    coordinator = coordinate();
  });

  afterEach(async () => {
    await coordinator.cleanup({ deadline: 0 });
    await proxy.close();
  });

  afterAll(() => postgres.stop());

  function coordinate(): ResourceCoordinator {
    const connection = { connectionString: proxy.url, application_name: 'orders' };
    const pool = { max: 40, acquireTimeout: '10s', creation: { concurrency: 4 } };
    return new ResourceCoordinator({ resources: { pg: pgResource({ connection, pool }) } });
  }

  /** What has failed may have left anything: the next tree gets sessions of its own. */
  async function run(requests: Step[][]): Promise<void> {
    try {
      await tryOut(requests);
    } catch (error) {
      await coordinator.cleanup({ deadline: 0 });
      await postgres.terminateSessions();
      coordinator = coordinate();
      throw error;
    } finally {
      proxy.forget();
    }
  }

  async function tryOut(requests: Step[][]): Promise<void> {
    const trial = new TransactionTrial(coordinator, postgres, proxy);
    const aborter = new AbortController();
    const stuck = delay(STUCK, 'stuck', { signal: aborter.signal }).catch(() => undefined);
    const ended = await Promise.race([trial.run(requests), stuck]);
    aborter.abort();
    if (ended === 'stuck') throw new Error(`not over after ${STUCK} ms`);
    const found = await brokenPromises(trial, coordinator, postgres, proxy);
    if (found.length > 0) throw new Error(found.join('\n'));
    for (const { how, state } of trial.units) ends.add(`${how} ${state}`);
  }

  it(
    'keep their promises whatever is in them, and whatever becomes of it',
    async () => {
      const details = await check(asyncProperty(requests, run), {
        numRuns: RUNS,
        seed: SEED,
        path: TRANSACTION_MODEL_PATH,
        examples: KNOWN.map((tree): [Step[][]] => [tree]),
        interruptAfterTimeLimit: LIMIT,
      });
      if (!details.failed) {
        expect([...ends]).toEqual(expect.arrayContaining([...ENDS, 'begun unknown']));
        return;
      }
      const variables = `TRANSACTION_MODEL_SEED=${details.seed} TRANSACTION_MODEL_PATH=${details.counterexamplePath}`;
      throw new Error(
        `To replay: ${variables} npm test -- transactions-model\n\n${defaultReportMessage(details)}`,
        { cause: details.errorInstance },
      );
    },
    LIMIT + 30_000,
  );
});

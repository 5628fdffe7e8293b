import { afterAll, describe, expect, it } from '@jest/globals';
import { Postgres } from '../postgres.fixture.js';
import { type Case, CASES, FAILING_STARTS, MOMENTS, WAYS } from './moments.fixture.js';
import { type Adapter, ADAPTERS } from './plan.fixture.js';
import { toldToEnd } from './told-to-end.fixture.js';

/** Started by the first that needs it: tests that run side by side wait for no `beforeAll`. */
let starting: Promise<Postgres> | undefined;
const server = (): Promise<Postgres> => (starting ??= Postgres.start());

afterAll(async () => {
  await (await starting)?.stop();
});

/** Of the table that `npm run moments` tries as a whole: each moment, each way, and each adapter with all that is its own. */
const CHOSEN: readonly { adapter: Adapter; moment: string; way: string }[] = [
  { adapter: 'fastify', moment: 'module init', way: 'SIGTERM' },
  { adapter: 'express', moment: 'warm-up, which hangs', way: 'two signals' },
  { adapter: 'fastify', moment: 'between init and listen', way: 'SIGINT' },
  { adapter: 'express', moment: 'under load', way: 'SIGTERM' },
  { adapter: 'express', moment: 'a reconfiguration', way: 'SIGINT' },
  { adapter: 'fastify', moment: 'a bake', way: 'SIGTERM' },
  { adapter: 'express', moment: 'a rollback', way: 'close()' },
  { adapter: 'fastify', moment: 'the announcement', way: 'two signals' },
  { adapter: 'express', moment: 'draining', way: 'three signals' },
  { adapter: 'express', moment: 'while a destroy hangs', way: 'SIGTERM' },
  { adapter: 'express', moment: 'while a hook of its own hangs', way: 'three signals' },
  { adapter: 'fastify', moment: 'while a hook of its own hangs', way: 'three signals of the other kind' },
];

const caseOf = ({ moment, way }: { moment: string; way: string }): Case => {
  const found = CASES.find((each) => each.moment === moment && each.way === way);
  if (found === undefined) throw new Error(`no such case: ${moment}, ${way}`);
  return found;
};

describe('an application that is told to end', () => {
  it.concurrent.each(CHOSEN)(
    'ends in time, with the right code, and leaves nothing: $moment, $way, on $adapter',
    async ({ adapter, ...told }) => {
      expect((await toldToEnd(await server(), adapter, caseOf(told))).faults).toEqual([]);
    },
  );

  it('was chosen with every moment and every way', () => {
    for (const { moment } of MOMENTS) expect(CHOSEN.map((each) => each.moment)).toContain(moment);
    for (const { way } of WAYS) expect(CHOSEN.map((each) => each.way)).toContain(way);
  });
});

describe('an application whose start fails', () => {
  const failing = FAILING_STARTS.filter(
    ({ way, moment }) => moment.endsWith('listen') || (way === 'Nest' && !moment.endsWith('onModuleInit')),
  );

  it.concurrent.each(failing.map((told, index) => ({ ...told, adapter: ADAPTERS[index % ADAPTERS.length] })))(
    'has destroyed what it had, and exits with 1: $moment, on $adapter',
    async ({ adapter, ...told }) => {
      expect((await toldToEnd(await server(), adapter, told)).faults).toEqual([]);
    },
  );
});

import { describe, expect, it } from '@jest/globals';
import { type Client, type ConnectionState, existsOn, STATES } from './connection-states.fixture.js';
import { meet, MOMENTS } from './moments.fixture.js';
import { ADAPTERS, type Adapter } from './plan.fixture.js';
import { faultsOf, shutDown } from './shutdown.fixture.js';

const SIGNALLED = { code: null, signal: 'SIGTERM' } as const;
const CLOSED = { code: 0, signal: null } as const;

const stateOf = (name: string): ConnectionState => {
  const state = STATES.find((each) => each.name === name);
  if (state === undefined) throw new Error(`no such state: ${name}`);
  return state;
};

const momentOf = (name: string) => {
  const moment = MOMENTS.find((each) => each.name === name);
  if (moment === undefined) throw new Error(`no such moment: ${name}`);
  return moment;
};

/** Clients in all of these states at once: what holds up one shutdown holds up this one. */
const together = (states: readonly ConnectionState[]): ConnectionState => ({
  name: 'all at once',
  plan: Object.assign({}, ...states.map(({ plan }) => plan)) as ConnectionState['plan'],
  establish: async (application): Promise<Client> => {
    const clients: Client[] = [];
    for (const state of states) clients.push(await state.establish(application));
    return { leave: () => clients.forEach((client) => client.leave()) };
  },
});

/** All that can be there at the same time over plain connections. */
const crowd = (adapter: Adapter): ConnectionState =>
  together(
    STATES.filter((state) => existsOn(state, adapter)).filter(({ name, plan = {} }) => {
      if (name === 'nobody' || plan.creation !== undefined) return false;
      return plan.transport === undefined && (plan.second ?? 'none') === 'none';
    }),
  );

const apart = (adapter: Adapter): { state: string }[] =>
  STATES.filter((state) => existsOn(state, adapter))
    .filter(({ plan = {} }) => plan.transport !== undefined || plan.second !== undefined || plan.creation)
    .map(({ name }) => ({ state: name }));

describe.each(ADAPTERS)(
  'an application on %s ends in time, says who held what, and as Nest alone would',
  (adapter) => {
    const faults = async (
      state: ConnectionState,
      moment: string,
      expected?: typeof SIGNALLED | typeof CLOSED,
    ) => faultsOf(await shutDown({ state, moment: momentOf(moment), adapter, module: true }), expected);

    it.concurrent.each(['SIGTERM', 'SIGTERM under load', 'SIGTERM twice'])(
      'by %s, with clients in every state at once',
      async (moment) => {
        expect(await faults(crowd(adapter), moment, SIGNALLED)).toEqual([]);
      },
    );

    it.concurrent.each(['close() twice in a handler', 'close() that its handler awaits'])(
      'by %s, with clients in every state at once',
      async (moment) => {
        expect(await faults(crowd(adapter), moment, CLOSED)).toEqual([]);
      },
    );

    it.concurrent('by SIGTERM during close(), with clients in every state at once', async () => {
      // Whichever of the two Nest is done with first ends the process.
      expect(await faults(crowd(adapter), 'SIGTERM during close()')).toEqual([]);
    });

    it.concurrent.each(apart(adapter))('by SIGTERM, with a client: $state', async ({ state }) => {
      expect(await faults(stateOf(state), 'SIGTERM', SIGNALLED)).toEqual([]);
    });

    it.concurrent('by SIGTERM during the start', async () => {
      expect(await faults(stateOf('nobody'), 'SIGTERM during the start', SIGNALLED)).toEqual([]);
    });

    it.concurrent('by close() before it listens', async () => {
      expect(await faults(stateOf('nobody'), 'close() before it listens', CLOSED)).toEqual([]);
    });
  },
);

describe('the table', () => {
  it('has every state and every moment somewhere', () => {
    for (const state of STATES) expect(MOMENTS.some((moment) => meet(state, moment))).toBe(true);
    for (const moment of MOMENTS) expect(STATES.some((state) => meet(state, moment))).toBe(true);
  });
});

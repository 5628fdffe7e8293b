import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../eventually.fixture.js';
import { ADAPTERS, type Count, SESSIONS } from './plan.fixture.js';
import { TroubledProcess } from './troubled-process.fixture.js';

const SEEN_HANG_UPS = 300;
const HANG_UPS_PER_SECOND = 20;
const HONEST_PER_SECOND = 100;
const SECONDS = 3;

describe.each(ADAPTERS)('clients that hang up on %s', (adapter) => {
  let app: TroubledProcess;

  beforeAll(async () => {
    app = await TroubledProcess.start(adapter);
  });

  afterAll(() => app.stop());

  const atRest = (): Promise<Count> =>
    eventually(async () => {
      const count = await app.count();
      expect(count).toMatchObject({ leased: 0, pending: 0 });
      return count;
    });

  it('cost no session where all work can be seen, and disturb nobody', async () => {
    await app.hangUpOnSeenWork(SEEN_HANG_UPS);
    expect(await atRest()).toMatchObject({ created: SESSIONS, crossings: [], unhandled: [] });
    expect(app.honest.wrong).toEqual([]);
  });

  it('leave the pool to the honest where work goes on unseen, and no session to two', async () => {
    const before = { ...app.honest };
    await app.hangUpOnUnseenWork(HANG_UPS_PER_SECOND, HONEST_PER_SECOND, SECONDS);
    const asked = app.honest.asked - before.asked;
    const right = app.honest.right - before.right;
    expect(asked).toBe(HONEST_PER_SECOND * SECONDS);
    expect(right / asked).toBeGreaterThanOrEqual(0.99);
    expect(await atRest()).toMatchObject({ crossings: [], unhandled: [] });
  });
});

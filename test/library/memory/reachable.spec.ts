import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENDS, type Fate, type EarlyEnd } from './ends.fixture.js';
import { MeasuredProcess } from './measured-process.fixture.js';
import { ADAPTERS, type Adapter, type Plan } from './plan.fixture.js';

const REQUESTS = 200;
const HEAVY_REQUESTS = 40;

/** Middleware changes the way of a request on Fastify, so each way is taken once. */
const PLANS: Plan[] = ADAPTERS.flatMap((adapter): Plan[] => [
  { adapter, variant: 'library', middleware: false },
  { adapter, variant: 'lending', middleware: true },
]);

const endsOn = (adapter: Adapter, middleware: boolean): { end: EarlyEnd; name: string; fate: Fate }[] =>
  ENDS.filter((end) => (end.adapters ?? ADAPTERS).includes(adapter))
    .filter((end) => end.middleware !== true || middleware)
    .flatMap((end) => end.fates.map((fate) => ({ end, name: end.name, fate })));

describe.each(PLANS)('on $adapter, $variant, middleware: $middleware', (plan) => {
  let app: MeasuredProcess;

  beforeAll(async () => {
    app = await MeasuredProcess.start(plan);
  });

  afterAll(() => app.stop());

  it.each(endsOn(plan.adapter, plan.middleware))(
    'no request stays reachable: $name, connections $fate',
    async ({ end, fate }) => {
      await app.run(end, fate, end.heavy === true ? HEAVY_REQUESTS : REQUESTS);
      const reachable = await app.reachable();
      await app.letGo();
      expect(reachable).toBe(0);
    },
  );
});

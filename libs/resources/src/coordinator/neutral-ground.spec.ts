import { describe, expect, it } from '@jest/globals';
import { Witness, witnessed } from '../time/witness.fixture.js';
import { ResourceCoordinator } from './resource-coordinator.js';

const kept: unknown[] = [];

function factoryOf(witness: Witness, name: string): { create(): Promise<object>; destroy(): Promise<void> } {
  return {
    create: async () => {
      await witnessed(witness, `create ${name}`);
      return {};
    },
    destroy: () => witnessed(witness, `destroy ${name}`),
  };
}

describe('a coordinator', () => {
  it('runs what its types call in the context of no request, whoever registers them, and keeps none', async () => {
    const witness = new Witness();
    const coordinator = new ResourceCoordinator({ resources: { early: factoryOf(witness, 'early') } });
    kept.push(coordinator);
    const events = coordinator.events$.subscribe(({ kind }) => witness.see(`event: ${kind}`));
    await witness.request(async (signal) => {
      const { create, destroy } = factoryOf(witness, 'cached');
      coordinator.register('late', factoryOf(witness, 'late'));
      coordinator.register('keyed', factoryOf(witness, 'keyed'), { keyed: {} });
      coordinator.registerCached('cached', { create, destroy: destroy });
      await coordinator.run(async () => {
        for (const type of ['early', 'late']) await coordinator.acquire(type, { signal });
        await coordinator.acquire('keyed', { key: 'acme', signal });
        await coordinator.acquireCached('cached', 'acme', { signal });
      });
    });
    expect(await witness.kept()).toEqual([]);
    await witness.request(() => coordinator.cleanup());
    events.unsubscribe();
    const types = ['early', 'late', 'keyed', 'cached'];
    const hooks = types.flatMap((name) => [`create ${name}, later`, `destroy ${name}, later`]);
    expect([...witness.seen]).toEqual(expect.arrayContaining([...hooks, 'event: acquired']));
    expect(witness.intruders).toEqual([]);
  });
});

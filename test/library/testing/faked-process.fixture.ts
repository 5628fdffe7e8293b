// A process whose timers are faked before it loads the library. Tells what becomes of its waiting callers.
import { mock } from 'node:test';
import { type FakeTimers, sinons } from '../../../libs/resources/src/time/sinon-timers.fixture.js';

const NODES: FakeTimers = {
  install: () => mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'] }),
  advance: async (ms) => {
    mock.timers.tick(ms);
    await Promise.resolve();
  },
  uninstall: () => mock.timers.reset(),
};

const fakes = process.env['FAKES'] === 'node' ? NODES : sinons();
fakes.install();
const { ResourcePool } = await import('nestjs-resources/pool');
const told: string[] = [];
const pool = new ResourcePool({ create: () => ({}) }, { max: 1 });
await pool.acquire();

async function wait(timeout: number, meanwhile: () => unknown): Promise<void> {
  const waiting = pool.acquire({ timeout }).then(
    () => told.push(`${timeout}: lent`),
    (error: Error) => told.push(`${timeout}: ${error.name}`),
  );
  await meanwhile();
  await waiting;
}

await wait(2_000, () => fakes.advance(2_000));
await wait(50, () => fakes.uninstall());
await wait(20, () => undefined);
await wait(3_000, async () => {
  fakes.install();
  told.push(`age from 0: ${pool.leases().every(({ age }) => age >= 0)}`);
  await fakes.advance(3_000);
});
await wait(1_000, async () => {
  await Promise.resolve();
  fakes.uninstall(); // as after one test, and before the next
  fakes.install();
  pool.leases().forEach(({ age }) => age);
  await fakes.advance(1_000);
});
fakes.uninstall();
const { clean } = await pool.close({ deadline: 0 });
told.push(`clean: ${clean}`);
process.send?.(told);

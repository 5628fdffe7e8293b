import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type PoolOptions, ResourceCoordinator, ResourcesModule } from 'nestjs-resources';
import { defineProcessor } from 'nestjs-resources/processors';
import { ResourcesHealthIndicator, ResourcesTerminusModule } from 'nestjs-resources/terminus';
import { TemporaryDirectory } from '../../../libs/resources/src/admin/admin-socket.fixture.js';
import { runProgram } from '../admin/run-program.fixture.js';
import { until } from '../http/until.fixture.js';

const file = new URL('./faults.worker.js', import.meta.url);
const otherFile = new URL('../../../libs/resources/src/threads/worker-functions.fixture.js', import.meta.url);

let folder: TemporaryDirectory;
let module: TestingModule;
let coordinator: ResourceCoordinator;

async function start(pool: PoolOptions): Promise<void> {
  const worker = { file, execArgv: ['--no-warnings'], pool };
  const admin = { socket: folder.at('admin.sock') };
  module = await Test.createTestingModule({
    imports: [
      ResourcesModule.forRoot({ logging: false, processors: { worker }, admin }),
      ResourcesTerminusModule,
    ],
  }).compile();
  await module.init();
  coordinator = module.get(ResourceCoordinator);
}

const made = (): number | undefined => coordinator.stats().pools['worker']?.created;

beforeEach(() => {
  folder = new TemporaryDirectory();
});

afterEach(async () => {
  await module.close();
  folder.remove();
});

describe('an application with processors', () => {
  it('has its least number of threads before it is ready', async () => {
    await start({ min: 2, max: 3 });
    expect(coordinator.stats().pools['worker']).toMatchObject({ idle: 2, created: 2 });
    expect(coordinator.stats().processors?.['worker']?.threads).toHaveLength(2);
  });

  it('gives them another size where they are', async () => {
    await start({ min: 1, max: 1 });
    expect(await coordinator.reconfigure('worker', { min: 2, max: 3 })).toMatchObject({ outcome: 'applied' });
    await until(() => made() === 2, 'one more is made');
    await coordinator.reconfigure('worker', { min: 1, max: 1 });
    await until(() => coordinator.stats().pools['worker']?.size === 1, 'one is gone');
    expect(coordinator.history('worker').map(({ kind, what }) => [kind, what])).toEqual([
      ['registered', []],
      [
        'reconfigured',
        [
          expect.objectContaining({ option: 'min', after: 2 }),
          expect.objectContaining({ option: 'max', after: 3 }),
        ],
      ],
      [
        'reconfigured',
        [
          expect.objectContaining({ option: 'min', after: 1 }),
          expect.objectContaining({ option: 'max', after: 1 }),
        ],
      ],
    ]);
  });

  it('lets them find their size by themselves', async () => {
    await start({ sizing: { mode: 'adaptive', least: 2, most: 4 } });
    expect(coordinator.stats().pools['worker']).toMatchObject({ min: 1, max: 2 });
    await coordinator.reconfigure('worker', { sizing: { least: 3 } });
    expect(coordinator.stats().pools['worker']).toMatchObject({ min: 1, max: 3 });
  });

  it('takes on another worker as the next generation, and goes back to the one before', async () => {
    await start({ min: 1, max: 2 });
    const { pool: _, ...factory } = defineProcessor({ file: otherFile, execArgv: ['--no-warnings'] });
    expect(await coordinator.reconfigure('worker', { factory })).toMatchObject({ outcome: 'applied' });
    expect(await coordinator.process('worker', 'sum', [1, 2])).toBe(3);
    expect(coordinator.stats().processors).toMatchObject({ worker: { returned: 1 } });
    await expect(coordinator.process('worker', 'exits', 1)).rejects.toMatchObject({ type: 'worker' });
    expect(await coordinator.rollback('worker')).toMatchObject({ outcome: 'applied' });
    expect(await coordinator.process('worker', 'bytes')).toHaveLength(5);
  });

  it('is as it was where a backup of it is restored', async () => {
    await start({ min: 1, max: 2 });
    const backup: unknown = JSON.parse(JSON.stringify(await coordinator.backup()));
    expect(await coordinator.restore(backup)).toMatchObject({
      types: [{ type: 'worker', outcome: 'unchanged' }],
    });
    await coordinator.reconfigure('worker', { max: 3 });
    await coordinator.restore(backup);
    expect(coordinator.stats().pools['worker']).toMatchObject({ min: 1, max: 2, created: 1 });
    expect(coordinator.drift()).toEqual({});
  });

  it('tells its operators of them, and its probes', async () => {
    await start({ min: 2, max: 3 });
    await coordinator.process('worker', 'bytes');
    const { code, stdout } = await runProgram(['status', '--socket', folder.at('admin.sock')]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^worker +ready +0 +2 +0 +0 +2 +3 +closed +-$/m),
    ]);
    expect(await module.get(ResourcesHealthIndicator).ready()).toMatchObject({ worker: { status: 'up' } });
  });

  it('tells how they fare while threads end, whatever ends them', async () => {
    await start({ min: 2, max: 2 });
    const began = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    let open = true;
    let told = 0;
    const look = (): void => {
      JSON.stringify(coordinator.stats().processors);
      told++;
      if (open) setImmediate(look);
    };
    look();
    try {
      for (const job of ['exits', 'exits', 'returnsFunction'])
        await coordinator.process('worker', job, began).catch(() => undefined);
      expect(coordinator.stats().processors).toMatchObject({ worker: { crashed: 3, running: 0 } });
      await coordinator.cleanup({ deadline: 0 });
    } finally {
      open = false;
    }
    expect(told).toBeGreaterThan(10);
  });
});

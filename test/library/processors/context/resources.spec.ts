import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Lease } from 'nestjs-resources';
import type { Processor } from 'nestjs-resources/processors';
import { until } from '../../http/until.fixture.js';
import { Press } from './press.fixture.js';
import type * as worker from './resources.worker.fixture.js';

describe("resources in a worker's context", () => {
  let press: Press;
  let lease: Lease<Processor<typeof worker>>;
  const nothing = async (): Promise<boolean> => (await lease.resource.run('lent')).length === 0;

  beforeEach(async () => {
    press = new Press({}, { file: new URL('./resources.worker.fixture.js', import.meta.url) });
    lease = await press.coordinator.acquire<Processor<typeof worker>>('press');
  });

  afterEach(async () => await lease.release());

  it("are lent to a job's scope, and come back with its end, however it ends", async () => {
    const { resource } = lease;
    expect(await resource.run('write', 'a')).toBe(1);
    await until(nothing, 'it came back');
    await expect(resource.run('fails', 'b')).rejects.toThrow('no ink');
    await until(nothing, 'it came back');
    expect(await resource.run('write', 'c')).toBe(3);
    expect(await resource.run('sign')).toBe(true);
    await until(nothing, 'it came back');
  });

  it('are lent until a job that was aborted is over', async () => {
    const { resource } = lease;
    const began = new Int32Array(new SharedArrayBuffer(4));
    const abort = new AbortController();
    const job = resource
      .run('untilAborted', began, { signal: abort.signal })
      .catch((error: unknown) => error);
    await until(() => Atomics.load(began, 0) === 1, 'the job has begun');
    expect(await resource.run('lent')).toEqual(['pen to untilAborted (run)']);
    abort.abort();
    expect(await job).toMatchObject({ name: 'ProcessorAbortedError' });
    await until(nothing, 'it came back');
    expect(await resource.run('write', 'a')).toBe(2);
  });

  it('are lent until the last item of a job was read', async () => {
    const { resource } = lease;
    for await (const line of await resource.run('lines', false)) {
      expect(await resource.run('lent')).toEqual(['pen to lines (run)']);
      if (line === 3) break;
    }
    await until(nothing, 'it came back');
    const failing = async (): Promise<void> => {
      for await (const _ of await resource.run('lines', true));
    };
    await expect(failing()).rejects.toThrow('no paper');
    await until(nothing, 'it came back');
  });

  it('are lent until the items end, however their iterator says so', async () => {
    const seen: number[] = [];
    for await (const item of await lease.resource.run('counted')) if (seen.push(item) > 2) break;
    expect(seen).toEqual([2, 1]);
    await until(nothing, 'it came back');
  });

  it('are ended with it', async () => {
    await lease.resource.run('write', 'a');
    await lease.release();
    await press.coordinator.cleanup();
    expect(press.traced).toEqual(['0 pen', '0 pen is gone']);
  });
});

import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it, jest } from '@jest/globals';
import { JobFlags } from '../jobs/job-flag.js';
import { ABORTED, HEAP, TIMED_OUT } from '../protocol.js';
import perform from './host.js';

const WORKER = `data:text/javascript,
  export let kept;
  export const bytes = (length, job) => {
    kept = job.signal;
    const made = new Uint8Array(length);
    return job.transfer(made, [made.buffer]);
  };
  export let begun = 0;
  export const begins = () => void begun++;`;

describe('a job whose result is moved', () => {
  it('is over before that is sent, since its flag may be another one from then on', async () => {
    const flags = new JobFlags();
    const flag = flags.take();
    const usage = new Float64Array(2);
    const { port1: port } = new MessageChannel();
    const heaps: (number | undefined)[] = [];
    jest.spyOn(port, 'postMessage').mockImplementation(() => {
      flag.state = ABORTED; // the next one's
      heaps.push(usage[HEAP]);
    });
    const shared = { flags: flags.memory, usage };
    await perform({ kind: 'prepare', file: WORKER, typescript: false, highWaterMark: 1, port, ...shared });
    await perform({ kind: 'job', job: 1, name: 'bytes', input: 8, flag: flag.address });
    const { kept } = (await import(WORKER)) as { kept: AbortSignal };
    expect([kept.aborted, heaps]).toEqual([false, [expect.any(Number)]]);
    expect(heaps[0]).toBeGreaterThan(0);
    port.close();
  });
});

describe('a job that was ended while it was sent', () => {
  it.each([ABORTED, TIMED_OUT])(
    'is not begun, since nothing would tell its signal any more: %p',
    async (state) => {
      const flags = new JobFlags();
      const { port1: port } = new MessageChannel();
      const shared = { flags: flags.memory, usage: new Float64Array(2) };
      await perform({ kind: 'prepare', file: WORKER, typescript: false, highWaterMark: 1, port, ...shared });
      const flag = flags.take();
      flag.state = state;
      const answer = await perform({ kind: 'job', job: 1, name: 'begins', input: 1, flag: flag.address });
      const { begun } = (await import(WORKER)) as { begun: number };
      expect([answer.kind, begun]).toEqual(['threw', 0]);
      port.close();
    },
  );
});

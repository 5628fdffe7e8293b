import { describe, expect, it } from '@jest/globals';
import { eventually } from '../eventually.fixture.js';
import { AppProcess } from './app-process.fixture.js';

describe('the application with ANNOUNCE_FOR', () => {
  it('says at once that it will stop, serves and is administered until then, and ends cleanly', async () => {
    const app = await AppProcess.start({ ANNOUNCE_FOR: '4000', REPORT_INTERVAL: '50' });
    const status = async (path: string): Promise<number> => (await fetch(`${app.url}${path}`)).status;
    expect(await status('/health/ready')).toBe(200);
    const before = app.stdout.length;
    app.kill('SIGTERM');
    await eventually(async () => expect(await status('/health/ready')).toBe(503));
    expect(await status('/orders/total')).toBe(200);
    expect(await app.exit).toBe(0);
    expect(app.stdout.slice(before)).not.toContain('no report this time'); // the job is paused before draining
    await app.stop();
  });
});

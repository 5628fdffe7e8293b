import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { ResourceCoordinator } from 'nestjs-resources';
import { defineProcessor, type ProcessorDefinition } from 'nestjs-resources/processors';
import type * as worker from './context.worker.fixture.js';

const presses = new Set<Press>();

afterEach(async () => {
  for (const press of presses) await press.end();
  presses.clear();
});

/** One processor type with an application context in each thread, and what its threads trace. */
export class Press {
  readonly coordinator: ResourceCoordinator;
  private readonly folder = mkdtempSync(join(tmpdir(), 'press-'));
  private readonly file = join(this.folder, 'trace');

  /** @param env what comes to a bad end in the threads */
  constructor(env: NodeJS.Dict<string> = {}, options: Partial<ProcessorDefinition> = {}) {
    const definition = {
      file: new URL('./context.worker.fixture.js', import.meta.url),
      execArgv: ['--no-warnings'],
      env: { TRACE: this.file, ...env },
      ...options,
      pool: { max: 1, acquireTimeout: '2m', creation: { timeout: '1m' }, ...options.pool }, // a busy machine may take its time
    };
    this.coordinator = new ResourceCoordinator({
      resources: { press: defineProcessor<typeof worker>(definition) },
    });
    presses.add(this);
  }

  run(name: string, input?: unknown, options?: object): Promise<unknown> {
    return this.coordinator.process('press', name, input, options);
  }

  /** What the threads have traced so far, each with its number from 0. */
  get traced(): string[] {
    const threads: string[] = [];
    return this.lines.map((line) => {
      const [thread = '', ...what] = line.split(' ');
      if (!threads.includes(thread)) threads.push(thread);
      return `${threads.indexOf(thread)} ${what.join(' ')}`;
    });
  }

  async end(): Promise<void> {
    await this.coordinator.cleanup({ deadline: 0 });
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get lines(): string[] {
    try {
      return readFileSync(this.file, 'utf8').trim().split('\n');
    } catch {
      return []; // nothing yet
    }
  }
}

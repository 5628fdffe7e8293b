import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from 'nestjs-resources';
import { defineProcessor, type Processor } from 'nestjs-resources/processors';
import type * as worker from './typed.worker.fixture.js';

const coordinators: ResourceCoordinator[] = [];

afterEach(async () => {
  for (const coordinator of coordinators.splice(0)) await coordinator.cleanup({ deadline: 0 });
});

function coordinatorOf(file: URL | string): ResourceCoordinator {
  const coordinator = new ResourceCoordinator({
    resources: { typed: defineProcessor<typeof worker>({ file, execArgv: ['--no-warnings'] }) },
  });
  coordinators.push(coordinator);
  return coordinator;
}

describe('a worker in TypeScript', () => {
  it('runs as it stands, where there is no compiled file, with all that it imports', async () => {
    const coordinator = coordinatorOf(new URL('./typed.worker.fixture.js', import.meta.url));
    await coordinator.use<Processor<typeof worker>>('typed', async (processor) => {
      const area: string = await processor.run('measure', { width: 210, height: 297 });
      expect(area).toBe('62370 mm');
      const pages: number[] = [];
      for await (const page of await processor.run('pages', 3)) pages.push(page);
      expect(pages).toEqual([1, 2, 3]);
    });
  });

  it('tells by its stack where in the source it has failed', async () => {
    const coordinator = coordinatorOf(new URL('./typed.worker.fixture.js', import.meta.url));
    const failing = coordinator.process('typed', 'measure', null);
    await expect(failing).rejects.toMatchObject({
      name: 'TypeError',
      stack: expect.stringContaining('typed.worker.fixture.ts'),
    });
  });

  it('where nothing can compile it fails the start, and says what to install', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'alone-'));
    writeFileSync(join(folder, 'alone.worker.ts'), 'export const one = (): number => 1;\n');
    const starting = coordinatorOf(join(folder, 'alone.worker.js')).warmUp();
    await expect(starting).rejects.toThrow('"typescript", which would compile it, is not installed');
    rmSync(folder, { recursive: true });
  });
});

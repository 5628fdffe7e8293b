import { afterEach, describe, expect, it } from '@jest/globals';
import { ResourceCoordinator } from 'nestjs-resources';
import { defineProcessor, type Processor } from 'nestjs-resources/processors';
import type * as worker from './typed.worker.fixture.js';
import { type Installed, WorkerProject } from './worker-project.fixture.js';

const coordinators: ResourceCoordinator[] = [];
const projects: WorkerProject[] = [];

afterEach(async () => {
  for (const coordinator of coordinators.splice(0)) await coordinator.cleanup({ deadline: 0 });
  for (const project of projects.splice(0)) project.remove();
});

function coordinatorOf(file: URL | string): ResourceCoordinator {
  const coordinator = new ResourceCoordinator({
    resources: {
      typed: defineProcessor<typeof worker>({
        file,
        execArgv: ['--no-warnings'],
        // A busy machine may take its time to compile.
        pool: { acquireTimeout: '60s', creation: { timeout: '60s' } },
      }),
    },
  });
  coordinators.push(coordinator);
  return coordinator;
}

function projectOf(type: 'module' | 'commonjs' | undefined, installed: Installed): WorkerProject {
  const project = new WorkerProject(type, installed);
  projects.push(project);
  return project;
}

/** Types and a class come before what fails, and are other lines when they are compiled. */
const WORKER = `
interface Sheet { readonly width: number; readonly height: number }
enum Unit { Millimetre = 'mm' }
function measured(): ClassDecorator { return () => undefined }
@measured()
class Page {
  constructor(private readonly sheet: Sheet) {}
  get area(): string { return this.sheet.width * this.sheet.height + ' ' + Unit.Millimetre }
}
export function measure(sheet: Sheet): string { return new Page(sheet).area }
`;

/** A worker whose imports are an ES module's, and one whose imports are CommonJS's. */
const AS_MODULE = {
  'src/page.worker.ts': `import { measure as area } from './measure/page.js';
export const measure = async (sheet: { width: number; height: number }): Promise<string> =>
  [area(sheet), import.meta.url.endsWith('page.worker.ts'), (await import('./one.mjs')).one].join();
`,
  'src/measure/page.ts': WORKER,
  'src/one.mts': 'export const one: number = 1;\n',
};
const AS_COMMONJS = {
  'src/page.worker.ts': `import { basename } from 'node:path';
import { measure as area } from './measure';
import { again } from './again.js';
import assert = require('node:assert');
export const measure = async (sheet: { width: number; height: number }): Promise<string> => {
  assert.equal(again, area);
  return [area(sheet), basename(__dirname), (await import('./one.mjs')).one].join();
};
`,
  'src/again.ts': "export { measure as again } from './measure/page';\n",
  'src/measure/index.ts': "export * from './page';\n",
  'src/measure/page.ts': WORKER,
  'src/one.mts': 'export const one: number = 1;\n',
};

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
      stack: expect.stringMatching(/typed\.worker\.fixture\.ts:6:/),
    });
  });

  describe.each<[string, Installed]>([
    ['typescript', 'typescript'],
    ['@swc/core', '@swc/core'],
    ['@swc/core, beside a typescript that can only be run,', 'native typescript and @swc/core'],
  ])('is compiled by %s', (_, installed) => {
    it.each<['module' | 'commonjs' | undefined, Record<string, string>, string]>([
      ['module', AS_MODULE, '62370 mm,true,1'],
      ['commonjs', AS_COMMONJS, '62370 mm,src,1'],
      [undefined, AS_COMMONJS, '62370 mm,src,1'],
    ])('as what its package says, %s', async (type, files, result) => {
      const project = projectOf(type, installed).write(files);
      const coordinator = coordinatorOf(project.path('src/page.worker.js'));
      const input = { width: 210, height: 297 };
      expect(await coordinator.process('typed', 'measure', input)).toBe(result);
    });
  });

  it.each<Installed>(['nothing', 'native typescript'])(
    'with %s installed is loaded as Node does, or else fails the start and says what to install',
    async (installed) => {
      const project = projectOf('module', installed).write({
        'alone.worker.ts': 'export const measure = (): string => "well" satisfies string;\n',
      });
      const coordinator = coordinatorOf(project.path('alone.worker.js'));
      const asked = coordinator.process('typed', 'measure', { width: 1, height: 1 });
      if ((process.features as { typescript?: unknown }).typescript) expect(await asked).toBe('well');
      else await expect(asked).rejects.toThrow('no package that would compile it is installed');
    },
  );
});

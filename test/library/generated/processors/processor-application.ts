import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLEAN_END } from '../../../documents/guide-answers.fixture.js';
import { serve } from '../../../documents/serve.fixture.js';
import { eventually } from '../../../eventually.fixture.js';
import { command } from '../../nests/command.js';
import { editJson } from '../edit-json.js';
import { generate } from '../generate.js';
import { type Application, type Builder, toolsOf } from './applications.js';
import { as, bundlerConfig, pastedFiles } from './page.js';

interface Manifest {
  type?: string;
  devDependencies: Record<string, string>;
}

/** An application as it is generated, with the processor of the guide in it, built by each of Nest's builders. */
export class ProcessorApplication {
  private constructor(
    readonly folder: string,
    readonly application: Application,
  ) {}

  static async generate(application: Application, work: string): Promise<ProcessorApplication> {
    return new ProcessorApplication(await generate(application, join(work, application.name)), application);
  }

  /** How its modules are loaded in the end. */
  get format(): Application['format'] {
    const { type } = JSON.parse(readFileSync(join(this.folder, 'package.json'), 'utf8')) as Manifest;
    return type === 'module' ? 'esm' : 'cjs';
  }

  /** @param library archive that stands for the published package */
  async followGuide(library: string): Promise<void> {
    const tools = toolsOf(this.application);
    editJson<Manifest>(join(this.folder, 'package.json'), (manifest) => ({
      ...manifest,
      devDependencies: { ...manifest.devDependencies, ...tools },
    }));
    const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel', 'error'];
    await command('npm', ['install', library, 'piscina', ...quietly], this.folder);
    for (const [name, code] of pastedFiles()) this.write(`src/${name}`, as(this.format, code));
    this.edit('src/app.module.ts', (code) => {
      const imports = as(
        this.format,
        "import { ResourcesModule } from 'nestjs-resources';\nimport { ReportsModule } from './reports.module.js';\n",
      );
      return imports + code.replace('imports: []', 'imports: [ResourcesModule.forRoot({}), ReportsModule]');
    });
    for (const bundler of ['rspack', 'webpack'])
      this.write(`${bundler}.config.js`, bundlerConfig({ nest: this.application.nest, format: this.format }));
  }

  async checkTypes(): Promise<void> {
    await command(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit'], this.folder);
  }

  /** @param spec which of its specs, in the runner that it was generated with */
  async test(spec: string, env: NodeJS.ProcessEnv): Promise<void> {
    await command('npm', ['test', '--', '--testTimeout=60000', spec], this.folder, env);
  }

  async build(builder: Builder): Promise<void> {
    rmSync(join(this.folder, 'dist'), { recursive: true, force: true });
    rmSync(join(this.folder, 'tsconfig.build.tsbuildinfo'), { force: true });
    const nest = 'node_modules/@nestjs/cli/bin/nest.js';
    await command(process.execPath, [nest, 'build', '--builder', builder], this.folder);
  }

  /** Starts what was built, has a report made, and ends it. */
  async run(node: string): Promise<void> {
    const log = await serve(node, join(this.folder, 'dist/main.js'), process.env, async (url) => {
      await eventually(() => fetch(url));
      const answer = await fetch(`${url}/reports`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'tea', rows: 10_000 }),
      });
      assert.match(await answer.text(), /^[0-9a-f]{64}$/);
    });
    if (!log.includes(CLEAN_END)) throw new Error(`The log does not say "${CLEAN_END}":\n${log}`);
  }

  /** Changes a file of it for as long as `work` takes. */
  async with(file: string, change: (code: string) => string, work: () => Promise<void>): Promise<void> {
    const code = this.read(file);
    this.edit(file, change);
    try {
      await work();
    } finally {
      this.write(file, code);
    }
  }

  private edit(file: string, change: (code: string) => string): void {
    const before = this.read(file);
    const after = change(before);
    assert.notEqual(after, before, `${file} was to be changed:\n${before}`);
    this.write(file, after);
  }

  private read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  private write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }
}

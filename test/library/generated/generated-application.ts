import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askTheGuide, CLEAN_END } from '../../documents/guide-answers.fixture.js';
import { serve } from '../../documents/serve.fixture.js';
import { command } from '../nests/command.js';
import { environmentOf } from './environment-of.js';
import { generate } from './generate.js';
import { INSTALLATIONS, pastedFiles } from './guide.js';
import type { Variant } from './variants.js';

/** A newcomer's application, in a folder of its own: generated, and then changed by nothing but what the guide says. */
export class GeneratedApplication {
  private constructor(
    private readonly folder: string,
    readonly variant: Variant,
  ) {}

  static async generate(variant: Variant, work: string): Promise<GeneratedApplication> {
    return new GeneratedApplication(await generate(variant, join(work, variant.name)), variant);
  }

  /** @param library archive that stands for the published package */
  async followGuide(library: string): Promise<void> {
    for (const installation of INSTALLATIONS) {
      const args = installation.map((arg) => (arg === 'nestjs-resources' ? library : arg));
      const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel', 'error'];
      await command('npm', [...args, ...quietly], this.folder);
    }
    for (const [name, code] of pastedFiles(this.variant.format))
      writeFileSync(join(this.folder, 'src', name), code);
  }

  /** All of it, its specs, too. */
  async checkTypes(): Promise<void> {
    await command(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit'], this.folder);
  }

  async build(node: string): Promise<void> {
    await command('npm', ['run', 'build'], this.folder, environmentOf(node));
  }

  /** @param database for the specs that ask for one */
  async test(node: string, database: string): Promise<void> {
    await command('npm', TESTS, this.folder, { ...environmentOf(node), DATABASE_URL: database });
  }

  /** Runs the spec that was generated, which knows nothing of the library. */
  async testGenerated(node: string): Promise<void> {
    await command('npm', [...TESTS, 'app.controller'], this.folder, environmentOf(node));
  }

  /** Starts what was built, asks it for all that the guide promises, and ends it. */
  async run(node: string, database: string): Promise<void> {
    const environment = { ...environmentOf(node), DATABASE_URL: database };
    const log = await serve(node, join(this.folder, 'dist/main.js'), environment, askTheGuide);
    if (!log.includes(CLEAN_END)) throw new Error(`The log does not say "${CLEAN_END}":\n${log}`);
  }
}

/** A machine may have other things to do. */
const TESTS = ['test', '--', '--testTimeout=60000'];

import { appendFileSync } from 'node:fs';
import { type AdapterName, fileOf } from './features.js';
import { moduleImports } from './module-imports.js';
import { type Feature, Trial } from './trial.js';

/*
 * A process in the folder of one version: runs features one after the other, on one adapter, with the module or without, and
 * writes each result as a line of its own. What nobody caught belongs to the feature that was running.
 */
const [adapter, presence, output, ...features] = process.argv.slice(2) as [AdapterName, string, string];

/** Milliseconds. */
const TIMEOUT = 180_000;

const uncaught: string[] = [];
process.on('unhandledRejection', (reason) => uncaught.push(String(reason)));
process.on('uncaughtException', (error) => uncaught.push(String(error)));

const write = (line: object): void => appendFileSync(output, `${JSON.stringify(line)}\n`);

const imports = await moduleImports(presence);
for (const name of features as string[]) {
  write({ feature: name });
  const trial = new Trial(adapter, imports);
  const timer = setTimeout(() => {
    process.stderr.write(`${name} did not end within ${TIMEOUT / 1_000} s\n`);
    process.exit(1);
  }, TIMEOUT);
  try {
    const { default: feature } = (await import(`./${fileOf(name)}.js`)) as { default: Feature };
    const result = (await feature(trial)) ?? null;
    write({ feature: name, result: { result, log: trial.logger.told, uncaught: uncaught.splice(0) } });
  } catch (error) {
    write({ feature: name, failure: error instanceof Error ? error.stack : String(error) });
  }
  clearTimeout(timer);
}
process.exit(0);

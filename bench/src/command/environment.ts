import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';

const { resolve } = createRequire(import.meta.url);

/** Where the figures come from: they say nothing without it. */
export interface Environment {
  date: string;
  node: string;
  platform: string;
  cpu: string;
  cores: number;
  /** GiB */
  memory: number;
  versions: Record<string, string>;
}

/** @param libraries the packages whose versions matter */
export function environment(libraries: readonly string[]): Environment {
  return {
    date: new Date().toISOString(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory: Math.round(totalmem() / 2 ** 30),
    versions: Object.fromEntries(libraries.map((name) => [name, versionOf(name)])),
  };
}

export function describeEnvironment({ node, platform, cpu, cores, versions }: Environment): string {
  const libraries = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Node ${node} on ${platform}, ${cores} x ${cpu}\n${libraries.join(', ')}\n`;
}

/** Read from disk, because most packages do not export their package.json. */
function versionOf(name: string): string {
  const candidates = (resolve.paths(name) ?? []).map((folder) => join(folder, name, 'package.json'));
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not installed`);
  return (JSON.parse(readFileSync(found, 'utf8')) as { version: string }).version;
}

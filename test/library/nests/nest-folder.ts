import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command } from './command.js';
import type { AdapterName } from './features.js';

/** Where this runs is `dist/`. */
export const PROJECT = fileURLToPath(new URL('../../../..', import.meta.url));

/** Released with Nest, but not with each version of it: the last one that is not newer. */
const COMPANIONS = ['platform-express', 'platform-fastify', 'testing'];
const MORE_COMPANIONS = ['microservices', 'websockets', 'platform-ws', 'platform-socket.io'];

/** Some came later than the first of their Nest. */
const FIRST_COMPANIONS: Record<string, string> = { 11: '11.0.5', 12: '12.0.1' };

/** Versions of their own, by Nest's major. */
const FRIENDS: Record<string, Record<string, string>> = {
  11: { '@nestjs/graphql': '13', '@nestjs/apollo': '13', '@nestjs/mercurius': '13', '@nestjs/swagger': '11' },
  12: { '@nestjs/graphql': '14', '@nestjs/apollo': '14', '@nestjs/mercurius': '14', '@nestjs/swagger': '12' },
};

/** Of the versions that the project itself has. */
const OTHERS = ['reflect-metadata', 'rxjs'];
const MORE_OTHERS = [
  '@apollo/server',
  '@as-integrations/express5',
  '@as-integrations/fastify',
  '@grpc/grpc-js',
  '@grpc/proto-loader',
  'class-transformer',
  'class-validator',
  'graphql',
  'mercurius',
  'socket.io-client',
  'ws',
];

/** What became of one feature in one process: its result, as text, or why there is none. */
export interface Outcome {
  result?: unknown;
  failure?: string;
}

/** A folder with one version of Nest, the packed library beside it, and the features to be tried. */
export class NestFolder {
  constructor(
    private readonly folder: string,
    readonly version: string,
    private readonly withEverything: boolean,
  ) {}

  /** Installs all that there is to be, unless an earlier run has done so, and then the library anew. */
  async install(library: string): Promise<void> {
    const path = join(this.folder, 'package.json');
    const manifest = JSON.stringify(this.manifest(library), undefined, 2);
    const installed = existsSync(path) && readFileSync(path, 'utf8') === manifest;
    if (!installed) rmSync(this.folder, { recursive: true, force: true });
    cpSync(fileURLToPath(new URL('.', import.meta.url)), this.folder, { recursive: true });
    if (installed) {
      const into = join(this.folder, 'node_modules/nestjs-resources');
      rmSync(into, { recursive: true });
      mkdirSync(into);
      await command('tar', ['-xzf', library, '--strip-components', '1', '-C', into], this.folder);
      return;
    }
    writeFileSync(path, manifest);
    const quietly = ['--no-audit', '--no-fund', '--loglevel', 'error'];
    try {
      await command('npm', ['install', '--prefer-offline', ...quietly], this.folder);
    } catch (error) {
      rmSync(path);
      throw error;
    }
  }

  /** Runs features in a process of their own, and those that follow one that ends it in a new one. */
  async run(
    adapter: AdapterName,
    presence: 'with' | 'without',
    features: readonly string[],
  ): Promise<Map<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    const output = join(this.folder, `${adapter}-${presence}.jsonl`);
    for (let left = [...features]; left.length > 0; left = left.filter((name) => !outcomes.has(name))) {
      writeFileSync(output, '');
      let failure = 'its process ended before it';
      try {
        await command(process.execPath, ['run.js', adapter, presence, output, ...left], this.folder);
      } catch (error) {
        failure = String(error);
      }
      for (const [feature, outcome] of readOutcomes(output, failure)) outcomes.set(feature, outcome);
      // Not even the first one began.
      if (!left.some((name) => outcomes.has(name))) outcomes.set(left[0] ?? '', { failure });
    }
    return outcomes;
  }

  private manifest(library: string): object {
    const { version } = this;
    const major = version.split('.', 1)[0] ?? '';
    const nest = (names: readonly string[], range: string): Record<string, string> =>
      Object.fromEntries(names.map((name) => [`@nestjs/${name}`, range]));
    const dependencies: Record<string, string> = {
      'nestjs-resources': `file:${library}`,
      ...nest(['common', 'core'], version),
      ...nest(COMPANIONS, `>=${major}.0.0 <=${version}`),
      ...asInProject(OTHERS),
    };
    if (this.withEverything) {
      Object.assign(
        dependencies,
        nest(MORE_COMPANIONS, `>=${major}.0.0 <=${version} || ${FIRST_COMPANIONS[major]}`),
        FRIENDS[major],
        asInProject(MORE_OTHERS),
      );
    }
    // Fastify's adapter of 11.0.0 asks for Nest 10 by mistake, and some friends for a later 11; they work beside it.
    const overrides = Object.fromEntries(Object.keys(dependencies).map((name) => [name, `$${name}`]));
    return { private: true, type: 'module', dependencies, overrides };
  }
}

function readOutcomes(output: string, failure: string): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  const lines = readFileSync(output, 'utf8').trim().split('\n').filter(Boolean);
  for (const line of lines) {
    const { feature, ...outcome } = JSON.parse(line) as Outcome & { feature: string };
    outcomes.set(feature, 'result' in outcome || 'failure' in outcome ? outcome : { failure });
  }
  return outcomes;
}

function asInProject(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => {
      const path = join(PROJECT, 'node_modules', name, 'package.json');
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
      return [name, version];
    }),
  );
}

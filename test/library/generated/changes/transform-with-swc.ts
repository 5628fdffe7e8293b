import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { editJson } from '../edit-json.js';

interface Manifest {
  devDependencies: Record<string, string>;
  jest: object;
}

const SWC = { '@swc/core': '^1.10.0', '@swc/jest': '^0.2.39' };

/** As Nest's own page about SWC says it. */
export function transformWithSwc(folder: string): void {
  editJson<Manifest>(join(folder, 'package.json'), (manifest) => ({
    ...manifest,
    devDependencies: { ...manifest.devDependencies, ...SWC },
    jest: { ...manifest.jest, transform: { '^.+\\.(t|j)s?$': '@swc/jest' } },
  }));
  const options = {
    sourceMaps: true,
    jsc: {
      parser: { syntax: 'typescript', decorators: true, dynamicImport: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      baseUrl: './',
    },
    minify: false,
  };
  writeFileSync(join(folder, '.swcrc'), JSON.stringify(options));
}

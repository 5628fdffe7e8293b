import { loadAsModules } from '../changes/load-as-modules.js';
import type { Variant } from '../variants.js';

/** What `nest build` can build with. */
export type Builder = 'tsc' | 'swc' | 'rspack' | 'webpack';

export interface Application extends Variant {
  /** Of those that this version of Nest has, for this format. */
  readonly builders: readonly Builder[];
}

export const APPLICATIONS: readonly Application[] = [
  { name: 'nest-12', nest: 12, format: 'esm', builders: ['tsc', 'swc', 'rspack'] },
  { name: 'nest-12-cjs', nest: 12, format: 'cjs', builders: ['tsc', 'swc', 'rspack'] },
  { name: 'nest-11', nest: 11, format: 'cjs', builders: ['tsc', 'swc', 'webpack'] },
  // What its swc makes is CommonJS, whatever the package says.
  { name: 'nest-11-esm', nest: 11, format: 'cjs', changes: [loadAsModules], builders: ['tsc'] },
];

const SWC = {
  11: { '@swc/cli': '^0.7.0', '@swc/core': '^1.10.0' },
  12: { '@swc/cli': '^0.8.0', '@swc/core': '^1.15.0' },
};
const RSPACK = {
  '@rspack/core': '^2.1.10',
  'webpack-node-externals': '^3.0.0',
  'tsconfig-paths-webpack-plugin': '^4.2.0',
};

/** What Nest asks whoever builds so to install: its version 11 brings webpack along. */
export function toolsOf({ nest, builders }: Application): Record<string, string> {
  return { ...(builders.includes('swc') && SWC[nest]), ...(builders.includes('rspack') && RSPACK) };
}

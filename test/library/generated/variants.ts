import { resolveAsNode10 } from './changes/resolve-as-node-10.js';
import { testWithJest29 } from './changes/test-with-jest-29.js';
import { transformWithSwc } from './changes/transform-with-swc.js';

/** An application as `@nestjs/cli` generates it, or as it is where teams have changed that, or generated it earlier. */
export interface Variant {
  readonly name: string;
  /** Major of Nest, and of the `@nestjs/cli` that generates it. */
  readonly nest: 11 | 12;
  readonly format: 'cjs' | 'esm';
  /** Made to what was generated, in the application's folder. */
  readonly changes?: readonly ((folder: string) => void)[];
}

export const VARIANTS: readonly Variant[] = [
  { name: 'nest-11', nest: 11, format: 'cjs' },
  { name: 'nest-11-swc', nest: 11, format: 'cjs', changes: [transformWithSwc] },
  { name: 'nest-11-jest-29', nest: 11, format: 'cjs', changes: [testWithJest29] },
  { name: 'nest-11-jest-29-swc', nest: 11, format: 'cjs', changes: [testWithJest29, transformWithSwc] },
  { name: 'nest-11-node10', nest: 11, format: 'cjs', changes: [resolveAsNode10] },
  { name: 'nest-12', nest: 12, format: 'esm' },
  { name: 'nest-12-cjs', nest: 12, format: 'cjs' },
];

import { join } from 'node:path';
import { editJson } from '../edit-json.js';

/** As applications were generated until 2025. */
export function testWithJest29(folder: string): void {
  editJson<{ devDependencies: Record<string, string> }>(join(folder, 'package.json'), (manifest) => ({
    ...manifest,
    devDependencies: { ...manifest.devDependencies, jest: '^29.7.0', '@types/jest': '^29.5.14' },
  }));
}

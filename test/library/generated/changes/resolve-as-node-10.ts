import { join } from 'node:path';
import { editJson } from '../edit-json.js';

interface TypeScriptConfig {
  compilerOptions: Record<string, unknown>;
}

const SINCE = ['moduleResolution', 'resolvePackageJsonExports', 'esModuleInterop', 'isolatedModules'];

/** As applications were generated until @nestjs/schematics 11.0.5: TypeScript looks for packages as Node 10 did. */
export function resolveAsNode10(folder: string): void {
  editJson<TypeScriptConfig>(join(folder, 'tsconfig.json'), (config) => {
    const earlier = Object.entries(config.compilerOptions).filter(([name]) => !SINCE.includes(name));
    return { ...config, compilerOptions: { ...Object.fromEntries(earlier), module: 'commonjs' } };
  });
}

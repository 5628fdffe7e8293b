import 'reflect-metadata';
import type { ModulesContainer, NestContainer } from '@nestjs/core';
import { markOf } from './module-mark.js';
import { isA } from '../../words/is-a.js';

/** A module as Nest keeps it. */
export type ModuleRecord = ReturnType<ModulesContainer['get']> & {};

/** All modules of an application, or some of them. */
export interface Modules {
  values(): IterableIterator<ModuleRecord>;
}

/** The names of the modules that import one, for messages: `AppModule and OrdersModule`. */
export function importersOf(modules: ModulesContainer, imported: ModuleRecord): string {
  return join([...modules.values()].filter(({ imports }) => imports.has(imported)));
}

/**
 * What stands in the imports of a module, in its decorator and in its definition, each a class or a definition of one. Nest itself makes
 * a global module an import of every other; that is not among them.
 */
export async function importsOf(
  container: NestContainer,
  { metatype, token }: ModuleRecord,
): Promise<unknown[]> {
  const declared = (Reflect.getMetadata('imports', metatype) ?? []) as unknown[];
  const defined = (container.getDynamicMetadataByToken(token, 'imports') ?? []) as unknown[];
  return await Promise.all([...declared, ...defined].map(importedBy));
}

/** Whether what stands in imports is a root module, of whatever copy of this package. @param isBare without options; default: either */
export function isRoot(imported: unknown, isBare?: boolean): boolean {
  const isDefinition = typeof imported === 'object' && imported !== null && 'module' in imported;
  const module = isDefinition ? imported.module : imported;
  return isBare !== isDefinition && typeof module === 'function' && markOf(module)?.kind === 'root';
}

/** The names of the modules that import `ResourcesModule`, for messages. @param isBare whether without options */
export async function rootImportersOf(
  container: NestContainer,
  modules: Iterable<ModuleRecord>,
  isBare: boolean,
): Promise<string> {
  const importers: ModuleRecord[] = [];
  for (const module of modules)
    if ((await importsOf(container, module)).some((each) => isRoot(each, isBare))) importers.push(module);
  return join(importers);
}

/** Nest has awaited it, and looked where it points to. */
async function importedBy(given: unknown): Promise<unknown> {
  const imported = isA(given, Promise) ? ((await given) as unknown) : given;
  const isReference = typeof imported === 'object' && imported !== null && 'forwardRef' in imported;
  return isReference && typeof imported.forwardRef === 'function'
    ? (imported.forwardRef() as unknown)
    : imported;
}

function join(modules: readonly ModuleRecord[]): string {
  return modules.length === 0 ? 'a module' : [...new Set(modules.map(({ name }) => name))].join(' and ');
}

import 'reflect-metadata';
import type { ModulesContainer } from '@nestjs/core';
import { markOf } from './module-mark.js';

/** A module as Nest keeps it. */
export type ModuleRecord = ReturnType<ModulesContainer['get']> & {};

/** What stands in the imports of a module: a class, or a definition of one. */
type Imported = { readonly module?: unknown } | undefined;

/** The names of the modules that import one, for messages: `AppModule and OrdersModule`. */
export function importersOf(modules: ModulesContainer, imported: ModuleRecord): string {
  return join([...modules.values()].filter(({ imports }) => imports.has(imported)));
}

/**
 * The names of the modules in whose decorators `ResourcesModule` stands, for messages. Nest itself makes a global module an import
 * of every other.
 *
 * @param isBare whether without options
 */
export function rootImportersOf(modules: Iterable<ModuleRecord>, isBare: boolean): string {
  const isRoot = (each: Imported): boolean => {
    const module = isBare ? each : each?.module;
    return typeof module === 'function' && markOf(module)?.kind === 'root';
  };
  return join(
    [...modules].filter(({ metatype }) =>
      ((Reflect.getMetadata('imports', metatype) ?? []) as Imported[]).some(isRoot),
    ),
  );
}

function join(modules: readonly ModuleRecord[]): string {
  return modules.length === 0 ? 'a module' : [...new Set(modules.map(({ name }) => name))].join(' and ');
}

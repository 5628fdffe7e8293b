import 'reflect-metadata';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef, type NestContainer } from '@nestjs/core';
import { ResourceCoordinator } from '../../coordinator/resource-coordinator.js';
import { containerOf } from '../container-of.js';
import { usagesOf } from '../decorators/resource-usage.js';
import { ResourcesLog } from '../log/resources-log.js';
import { nameOf } from './class-of.js';
import { classesOf } from './declared-classes.js';
import type { ModuleRecord } from './importers-of.js';
import { markOf } from './module-mark.js';
import { isTested } from './tested-containers.js';

/** Hooks in which somebody may borrow, or give up what others borrow with. */
const HOOKS = ['onModuleInit', 'onModuleDestroy', 'beforeApplicationShutdown', 'onApplicationShutdown'];

/** Nest's own, which comes first. */
const CORE = 'InternalCoreModule';

/**
 * Tells where `ResourcesModule` stands in a place in which it works, and not in the one that was meant: in no import of the root module,
 * or behind a global module that borrows. Whatever else an application imports may stand before it: Nest starts global modules
 * first, in the order of imports, and stops them last. An application of a test hears nothing.
 */
@Injectable()
export class PlaceWarning implements OnModuleInit {
  private told = false;

  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly log: ResourcesLog,
  ) {}

  onModuleInit(): void {
    const container = containerOf(this.moduleRef);
    if (this.told || isTested(container)) return;
    this.told = true;
    const modules = [...container.getModules().values()].filter(({ name }) => name !== CORE);
    for (const problem of [importedElsewhere(container, modules), importedLate(modules)])
      if (problem !== undefined) this.log.write('warn', problem);
  }
}

function importedElsewhere(container: NestContainer, modules: readonly ModuleRecord[]): string | undefined {
  const [root] = modules;
  const importers = modules.filter((module) => importsOf(container, module).some(isOurs));
  if (importers.length === 0 || importers.includes(root)) return undefined;
  const names = importers.map(({ name }) => name).join(' and ');
  return (
    `ResourcesModule is imported by ${names}, and not by the root module. Import it in ${root.name}, and first: ` +
    `then Nest starts it before, and stops it after, whatever borrows.`
  );
}

function importedLate(modules: readonly ModuleRecord[]): string | undefined {
  const place = modules.findIndex(({ metatype }) => isOurs(metatype));
  for (const module of modules.slice(0, place)) {
    const borrower = module.isGlobal ? classesOf(module).find(borrowsInHooks) : undefined;
    if (borrower !== undefined)
      return (
        `${module.name} is global and comes before ResourcesModule: Nest starts ${nameOf(borrower)} before what it borrows, ` +
        `and stops it after. Import ResourcesModule.forRoot() before it, or don't make ${module.name} global.`
      );
  }
  return undefined;
}

/** What stands in the imports of a module, in its decorator and in its definition. */
function importsOf(container: NestContainer, { metatype, token }: ModuleRecord): unknown[] {
  const declared = (Reflect.getMetadata('imports', metatype) ?? []) as unknown[];
  const defined = container.getDynamicMetadataByToken(token, 'imports') as unknown[] | undefined;
  return [...declared, ...(defined ?? [])];
}

function isOurs(imported: unknown): boolean {
  const module =
    typeof imported === 'object' && imported !== null && 'module' in imported ? imported.module : imported;
  return typeof module === 'function' && markOf(module)?.kind === 'root';
}

function borrowsInHooks(owner: object): boolean {
  const { prototype } = owner as { readonly prototype?: object };
  if (typeof prototype !== 'object' || !HOOKS.some((hook) => hook in prototype)) return false;
  const injected = (Reflect.getMetadata('design:paramtypes', owner) ?? []) as unknown[];
  return usagesOf(owner).length > 0 || injected.includes(ResourceCoordinator);
}

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef, type NestContainer } from '@nestjs/core';
import { containerOf } from '../container-of.js';
import { ResourcesLog } from '../log/resources-log.js';
import { hookedBorrowerIn } from './hooked-borrower.js';
import { importsOf, isRoot, type ModuleRecord } from './importers-of.js';
import { isTested } from './tested-containers.js';

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

  async onModuleInit(): Promise<void> {
    const container = containerOf(this.moduleRef);
    if (this.told || isTested(container)) return;
    this.told = true;
    const modules = [...container.getModules().values()].filter(({ name }) => name !== CORE);
    for (const problem of [await importedElsewhere(container, modules), importedLate(modules)])
      if (problem !== undefined) this.log.write('warn', problem);
  }
}

async function importedElsewhere(
  container: NestContainer,
  modules: readonly ModuleRecord[],
): Promise<string | undefined> {
  const [root] = modules;
  const importers: ModuleRecord[] = [];
  for (const module of modules)
    if ((await importsOf(container, module)).some((each) => isRoot(each))) importers.push(module);
  if (importers.length === 0 || importers.includes(root)) return undefined;
  const names = importers.map(({ name }) => name).join(' and ');
  return (
    `ResourcesModule is imported by ${names}, and not by the root module. Import it in ${root.name}, and first: ` +
    `then Nest starts it before, and stops it after, whatever borrows.`
  );
}

function importedLate(modules: readonly ModuleRecord[]): string | undefined {
  const place = modules.findIndex(({ metatype }) => isRoot(metatype));
  for (const module of modules.slice(0, place)) {
    const borrower = module.isGlobal ? hookedBorrowerIn(module) : undefined;
    if (borrower !== undefined)
      return (
        `${module.name} is global and comes before ResourcesModule: Nest starts ${borrower} before what it borrows, ` +
        `and stops it after. Import ResourcesModule.forRoot() before it, or don't make ${module.name} global.`
      );
  }
  return undefined;
}

import type { ModulesContainer, NestContainer } from '@nestjs/core';
import { InvalidOptionsError } from '../../errors/invalid-options-error.js';
import { RESOURCES_OPTIONS } from '../resources.options.js';
import {
  type Declaration,
  methodDeclarations,
  startDeclarations,
  usageDeclarations,
} from './declarations.js';
import { classesOf } from './declared-classes.js';
import { type ModuleRecord, rootImportersOf } from './importers-of.js';
import { type ModuleMark, markOf } from './module-mark.js';
import { THIS_COPY } from './this-copy.js';

const ONE_COPY =
  'Run "npm ls nestjs-resources" to see who brings it, and make it one: by "npm dedupe", or as a peer dependency of yours.';

/** The modules of this package that an application has, of whatever copy. */
export function marked(
  modules: Iterable<ModuleRecord>,
  kind: ModuleMark['kind'],
): (ModuleMark & { readonly module: ModuleRecord })[] {
  return [...modules].flatMap((module) => {
    const mark = markOf(module.metatype);
    return mark?.kind === kind ? [{ ...mark, module }] : [];
  });
}

/**
 * Refuses what can't be the modules of one application: a root without options, two roots, and two copies of this package.
 *
 * @throws InvalidOptionsError
 */
export async function checkModules(container: NestContainer): Promise<void> {
  const modules = container.getModules();
  const roots = marked(modules.values(), 'root');
  const [root] = roots;
  if (root?.copy !== THIS_COPY) return; // what another copy is asked for, it looks at itself
  refuseOtherCopies(modules, root);
  if (roots.some(({ module }) => !module.providers.has(RESOURCES_OPTIONS)))
    throw new InvalidOptionsError(
      'ResourcesModule',
      `is imported without options, by ${await rootImportersOf(container, modules.values(), true)}. ` +
        `Write ResourcesModule.forRoot({ ... }) in the root module; it is global, and no other module has to import it.`,
    );
  if (roots.length > 1)
    throw new InvalidOptionsError(
      'ResourcesModule.forRoot()',
      `is imported ${roots.length} times, by ${await rootImportersOf(container, modules.values(), false)}: each would have pools of its own. ` +
        `Keep one, in the root module, and add types elsewhere by ResourcesModule.forFeature().`,
    );
}

/**
 * Refuses options that would be read in each request: there are pools before there is one.
 *
 * @param modules whose instances are made
 * @throws InvalidOptionsError
 */
export function refuseScopedOptions(modules: ModulesContainer): void {
  for (const { module, copy } of marked(modules.values(), 'root')) {
    const isStatic = module.providers.get(RESOURCES_OPTIONS)?.isDependencyTreeStatic() ?? true;
    if (copy === THIS_COPY && !isStatic)
      throw new InvalidOptionsError(
        'ResourcesModule.forRootAsync()',
        'injects something that is made per request, and its options are read once, when the application starts. Inject singletons.',
      );
  }
}

function refuseOtherCopies(
  modules: ModulesContainer,
  root: ModuleMark & { readonly module: ModuleRecord },
): void {
  const other = [...modules.values()].find(({ metatype }) => {
    const mark = markOf(metatype);
    return mark !== undefined && mark.copy !== root.copy;
  });
  if (other !== undefined)
    throw new InvalidOptionsError(
      other.name,
      `comes from another copy of nestjs-resources than ${root.module.name}, and both are imported. ${ONE_COPY}`,
    );
  const foreign = declarationsIn(modules).find(({ copy }) => copy !== root.copy);
  if (foreign !== undefined)
    throw new InvalidOptionsError(
      foreign.option,
      `comes from another copy of nestjs-resources than ResourcesModule, which would misunderstand it. ${ONE_COPY}`,
      foreign.type,
    );
}

function declarationsIn(modules: ModulesContainer): Declaration[] {
  return [...modules.values()]
    .flatMap((module) => classesOf(module))
    .flatMap((owner) => [...usageDeclarations(owner), ...startDeclarations(owner)]);
}

/**
 * Refuses what is looked for when the application starts, in modules that came later.
 *
 * @throws InvalidOptionsError
 */
export async function checkLateModules(
  container: NestContainer,
  late: readonly ModuleRecord[],
): Promise<void> {
  const [root] = marked(container.getModules().values(), 'root');
  if (root !== undefined && root.copy !== THIS_COPY) return;
  if (marked(late, 'root').length > 0)
    throw tooLate('ResourcesModule.forRoot()', await rootImportersOf(container, late, false));
  for (const module of late) {
    const [declaration] = classesOf(module).flatMap((owner) => methodDeclarations(owner));
    if (declaration !== undefined) throw tooLate(declaration.option, module.name, declaration.type);
  }
}

function tooLate(option: string, module: string, type?: string): InvalidOptionsError {
  return new InvalidOptionsError(
    option,
    `is in ${module}, which is loaded lazily, but is looked for only when the application starts. ` +
      `Put it in a module that the root module imports.`,
    type,
  );
}

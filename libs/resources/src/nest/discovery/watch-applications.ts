import { type ModulesContainer, NestApplicationContext, type NestContainer } from '@nestjs/core';
import { InstanceLoader } from '@nestjs/core/injector/instance-loader.js';
import { replaceMethod } from '../replace-method.js';
import { HooksWarning } from '../shutdown/hooks-warning.js';
import { endFailedStart } from '../shutdown/failed-start.js';
import { checkLateModules, checkModules, refuseScopedOptions } from './check-modules.js';
import type { ModuleRecord } from './importers-of.js';
import { markTested } from './tested-containers.js';
import { ResourcesExplorer } from './resources.explorer.js';
import { explainMissing, refuseUnserved } from './missing-module.js';

/** What Nest has its container in. */
interface Contained {
  readonly container?: NestContainer;
}
type Create = (this: Contained, modules?: ModulesContainer, ...rest: never[]) => Promise<void>;
type Init = (this: Contained) => Promise<void>;

/** The modules that an application has got so far: those that it was made of, and then what was loaded lazily. */
const known = new WeakMap<NestContainer, WeakSet<ModuleRecord>>();

/**
 * Looks at every application before its instances are made, and before its hooks run: at what no provider could refuse, because
 * nobody provides it. The module is imported without options, or twice, or not at all, or not until later; or half of
 * what uses it comes from another copy of this package.
 *
 * What a start that fails has warmed up is ended, too.
 *
 * Nest has no public place for this either. Three of its methods are replaced, once per process, by ones that do the same; an
 * application that has nothing to do with this package passes as always.
 */
export function watchApplications(): void {
  replaceMethod<Create>(InstanceLoader.prototype, 'createInstancesOfDependencies', lookBefore);
  replaceMethod<Init>(NestApplicationContext.prototype, 'callInitHook', lookOnInit);
  replaceMethod<Init>(NestApplicationContext.prototype, 'callBootstrapHook', endIfItFails);
}

function lookBefore(original: Create): Create {
  return async function (this: Contained, ...args) {
    const { container } = this;
    const modules = container?.getModules();
    if (container === undefined || modules === undefined) return await original.apply(this, args);
    const isLate = known.has(container);
    const added = meet(container, args[0] ?? modules);
    if (isLate) await checkLateModules(container, added);
    await checkModules(container);
    if (this.constructor !== InstanceLoader) markTested(container);
    try {
      await original.apply(this, args);
    } catch (error) {
      if (!isLate) await endFailedStart(container); // what is loaded later fails alone
      throw explainMissing(modules, error);
    }
    if (isLate) ResourcesExplorer.of(modules)?.registerLate(new Set(added));
    else refuseScopedOptions(modules);
  };
}

/** @param modules whose instances are to be made @returns those that are new */
function meet(container: NestContainer, modules: ModulesContainer): ModuleRecord[] {
  const met = known.get(container) ?? new WeakSet();
  const added = [...modules.values()].filter((module) => !met.has(module));
  for (const module of added) met.add(module);
  known.set(container, met);
  return added;
}

function lookOnInit(original: Init): Init {
  const init = endIfItFails(original);
  return async function (this: Contained) {
    const modules = this.container?.getModules();
    if (modules !== undefined) refuseUnserved(modules, this);
    await init.call(this);
    if (this.container !== undefined && isMicroservice(this)) HooksWarning.of(this.container)?.serves();
  };
}

function endIfItFails(original: Init): Init {
  return async function (this: Contained) {
    try {
      await original.call(this);
    } catch (error) {
      await endFailedStart(this.container);
      throw error;
    }
  };
}

/** It serves as soon as its hooks have been called; of an application with HTTP, Nest itself tells when it listens. */
function isMicroservice(context: object): boolean {
  return 'listen' in context && !('getHttpAdapter' in context);
}

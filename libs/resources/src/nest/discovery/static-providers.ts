import type { InjectionToken } from '@nestjs/common';
import type { Modules } from './importers-of.js';

/** A provider that is made once, at the start. */
export interface StaticProvider {
  readonly token: InjectionToken;
  /** Of the module that has it. */
  readonly module: string;
  /** Nest allows any value. */
  readonly instance: unknown;
}

/** Every static provider of an application. */
export function* staticProviders(modules: Modules): Generator<StaticProvider> {
  for (const module of modules.values()) {
    for (const [token, wrapper] of module.providers) {
      if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) continue;
      const instance: unknown = wrapper.instance;
      yield { token, module: module.name, instance };
    }
  }
}

import 'reflect-metadata';
import { type OfCopy, THIS_COPY } from './this-copy.js';

/** What a module of this package is: the root, or one feature's. */
export interface ModuleMark extends OfCopy {
  readonly kind: 'root' | 'feature';
}

const MARK = 'resources:module';

/** Makes a module of this package known to every copy of it. */
export function markModule(kind: ModuleMark['kind']): ClassDecorator {
  return (target) => Reflect.defineMetadata(MARK, { kind, copy: THIS_COPY } satisfies ModuleMark, target);
}

/** What a module is, if it is one of this package's, of whatever copy. */
export function markOf(module: object): ModuleMark | undefined {
  return Reflect.getMetadata(MARK, module) as ModuleMark | undefined;
}

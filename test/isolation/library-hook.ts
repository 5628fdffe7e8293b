import { pathToFileURL } from 'node:url';

interface Resolution {
  url: string;
}
interface ResolveContext {
  parentURL?: string;
}
type Resolve = (specifier: string, context: ResolveContext) => Promise<Resolution>;

let manifest = '';

/** @param folder of the package that stands for `nestjs-resources` */
export function initialize({ folder }: { folder: string }): void {
  manifest = pathToFileURL(`${folder}/package.json`).href;
}

/** A package may import itself by its name: its own exports then decide. */
export function resolve(specifier: string, context: ResolveContext, next: Resolve): Promise<Resolution> {
  const own = /^nestjs-resources(\/|$)/.test(specifier);
  return next(specifier, own ? { ...context, parentURL: manifest } : context);
}

/** Where a route handler is: some Nests name theirs `Controller.method`. */
export function placeOf({ name }: { readonly name: unknown }): string | undefined {
  return typeof name === 'string' && name.includes('.') ? name : undefined;
}

/** The same of a method and the object whose it is. Not every Nest names its routes. */
export function placeOfMethod(instance: object, { name }: { readonly name: unknown }): string {
  const owner: unknown = (instance.constructor as { name?: unknown } | undefined)?.name;
  return `${typeof owner === 'string' ? owner : 'anonymous'}.${typeof name === 'string' ? name : 'anonymous'}`;
}

/** The class of an instance, if it has one. */
export function classOf(instance: object): object | undefined {
  const owner: unknown = instance.constructor;
  return typeof owner === 'function' ? owner : undefined;
}

/** What a class is called, for messages. */
export function nameOf(owner: { readonly name?: unknown } | undefined): string {
  const name = owner?.name; // a static member may stand in its place
  return typeof name === 'string' && name !== '' ? name : '(anonymous class)';
}

/** What a provider is called, for messages. */
export function nameOfToken(token: unknown): string {
  return typeof token === 'function' ? nameOf(token) : String(token);
}

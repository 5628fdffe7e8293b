/** The class of an instance, if it has one that lets itself be asked: a proxy may stand for either, and answers as it likes. */
export function classOf(instance: object): object | undefined {
  try {
    const owner: unknown = instance.constructor;
    if (typeof owner !== 'function') return undefined;
    for (let each: unknown = owner; each !== null; each = Object.getPrototypeOf(each));
    return owner;
  } catch {
    return undefined;
  }
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

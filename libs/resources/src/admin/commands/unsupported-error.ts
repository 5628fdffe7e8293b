/** The running application has no such thing, because of its version or its making. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';

  /** @param what it lacks: `history` */
  constructor(what: string) {
    super(`The application that runs has no ${what}: its version of nestjs-resources is without it.`);
  }
}

/** @throws UnsupportedError when it is not there */
export function supported<M>(method: M | undefined, what: string): M {
  if (method === undefined) throw new UnsupportedError(what);
  return method;
}

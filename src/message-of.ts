import { inspect, types } from 'node:util';

const INDESCRIBABLE = 'something that cannot be described was thrown';

/** What was thrown as text, whatever it was: an error of another realm, or what throws whatever it is asked. */
export function messageOf(thrown: unknown): string {
  return told(() => {
    const message: unknown = isError(thrown) ? thrown.message : '';
    return typeof message === 'string' && message !== ''
      ? message
      : inspect(thrown, { customInspect: false });
  });
}

/** The message of the first of all causes, which is several where several addresses were tried. Causes that go round in a ring are each followed once. */
export function rootMessageOf(thrown: unknown): string {
  return told(() => {
    const followed = new Set<unknown>();
    let root = thrown;
    while (isError(root) && isError(root.cause) && !followed.has(root.cause)) {
      followed.add(root);
      root = root.cause;
    }
    return root instanceof AggregateError && root.errors.length > 0
      ? root.errors.map(messageOf).join(', ')
      : messageOf(root);
  });
}

function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

function told(tell: () => string): string {
  try {
    return tell();
  } catch {
    return INDESCRIBABLE;
  }
}

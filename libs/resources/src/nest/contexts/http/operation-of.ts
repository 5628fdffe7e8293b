/** What a server of GraphQL tells a resolver of its operation. */
interface OperationInfo {
  readonly operation?: { readonly operation?: unknown; readonly name?: { readonly value?: unknown } };
  readonly fieldName?: unknown;
}

/**
 * The operation that a resolver works for, as people know it: `query GetOrders`, or by its field where the client gave it no
 * name. Undefined for what is not a resolver's fourth argument.
 */
export function operationOf(info: unknown): string | undefined {
  if (typeof info !== 'object' || info === null) return undefined;
  const { operation, fieldName } = info as OperationInfo; // looked at, not trusted
  const kind = operation?.operation;
  const name = operation?.name?.value ?? fieldName;
  return typeof kind === 'string' && typeof name === 'string' ? `${kind} ${name}` : undefined;
}

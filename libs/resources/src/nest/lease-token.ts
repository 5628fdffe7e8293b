/** The injection token of the scoped lease of a resource type. Nest prints it when it can't be resolved. */
export function getLeaseToken(type: string): string {
  return `RESOURCES:LEASE:${type}`;
}

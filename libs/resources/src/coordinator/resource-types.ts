/**
 * The application's resource types by name. Empty here; an application adds its own, and
 * `coordinator.acquire('pg')` is then a `Lease<Client>`:
 *
 * ```ts
 * declare module 'nestjs-resources' {
 *   interface ResourceTypes {
 *     pg: Client;
 *   }
 * }
 * ```
 */
// An interface, because only interfaces can be added to from outside.
// oxlint-disable-next-line typescript/no-empty-interface
export interface ResourceTypes {}

/** What a type's name stands for: as declared in {@link ResourceTypes}, or else `unknown`. */
export type ResourceOf<K> = K extends keyof ResourceTypes ? ResourceTypes[K] : unknown;

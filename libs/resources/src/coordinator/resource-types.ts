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
 *
 * Once there is one, the compiler refuses every name that is not here.
 */
// An interface, because only interfaces can be added to from outside.
// oxlint-disable-next-line typescript/no-empty-interface
export interface ResourceTypes {}

/** Whether an application has declared none in {@link ResourceTypes}. */
type NoneDeclared = [keyof ResourceTypes] extends [never] ? true : false;

/** The name of a resource type: one of those declared in {@link ResourceTypes}; any text while none is. */
export type ResourceTypeName = NoneDeclared extends true ? string : Extract<keyof ResourceTypes, string>;

/** What a type's name stands for: as declared in {@link ResourceTypes}, or else `unknown`. */
export type ResourceOf<K> = K extends keyof ResourceTypes ? ResourceTypes[K] : unknown;

/** The default of a call's type argument that states the resource: `acquire<Client>(name)`. */
export type Unstated = NoneDeclared extends true ? unknown : never;

/** The name in a call: of a resource type, or any text where the resource is stated, for which the caller then answers. */
export type NameFor<T> = [T] extends [never] ? ResourceTypeName : string;

/**
 * What a call lends: the resource that it states, or else the one that the name is declared to stand for. While none is declared, it may
 * also be found in what the call is used for.
 */
export type Borrowed<T, K> = NoneDeclared extends true ? T : [T] extends [never] ? ResourceOf<K> : NoInfer<T>;

/** What the compiler has inferred elsewhere of a resource, or anything, where it could not. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Inferred<T> = unknown extends T ? any : NoInfer<T>;

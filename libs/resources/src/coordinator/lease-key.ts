/** What tells for whom a resource of a keyed type is to be. */
export interface KeyContext<Request = unknown> {
  /** Of the scope: `http`, `run`, `use`. */
  readonly kind: string;
  /** Who will hold it: `OrdersController.find (http)`. */
  readonly owner: string;
  /** Over HTTP, the framework's request; otherwise undefined. */
  readonly request: Request;
}

/** Finds the key. */
export type KeyOf = (context: KeyContext) => string;

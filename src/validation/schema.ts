export interface Issue {
  readonly message: string;
  readonly path?: readonly string[];
}

export type Validated<T> =
  { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

/** A check in the form that Nest's StandardSchemaValidationPipe understands; no validation library is needed for two. */
export class Schema<T> {
  readonly '~standard';

  constructor(readonly validate: (value: unknown) => Validated<T>) {
    this['~standard'] = { version: 1, vendor: 'orders', validate } as const;
  }
}

import { Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { InvalidOptionsError, ResourcesModule, type ResourcesOptions } from 'nestjs-resources';

/** Something that can't work, and how it is refused. */
export interface Misuse {
  /** What somebody does, as the documentation tells it. */
  readonly misuse: string;
  /** Throws or rejects. */
  readonly attempt: () => unknown;
  /** Whose instance it throws. Default: InvalidOptionsError. */
  readonly error?: { readonly prototype: Error };
  /** The whole message. */
  readonly message: string;
  /** What to do instead, as the documentation tells it. */
  readonly remedy: string;
}

/** The error of a misuse. */
export function errorOf({ error = InvalidOptionsError }: Misuse): NonNullable<Misuse['error']> {
  return error;
}

/** Starts an application as a `main.ts` does, and ends it if nobody has refused it. */
export async function start(metadata: ModuleMetadata): Promise<void> {
  @Module(metadata)
  class AppModule {}
  await startFrom(AppModule);
}

export async function startFrom(root: Type<unknown>): Promise<void> {
  const app = await NestFactory.create(root, { logger: false, abortOnError: false });
  await app.init();
  await app.close();
}

/** Starts an application with `ResourcesModule` in its root module. */
export async function startWith(options: unknown, metadata: ModuleMetadata = {}): Promise<void> {
  const { imports = [], ...rest } = metadata;
  await start({
    ...rest,
    imports: [ResourcesModule.forRoot(options as ResourcesOptions), ...imports],
  });
}

export const create = (): object => ({});

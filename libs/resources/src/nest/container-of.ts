import type { ModuleRef, NestContainer } from '@nestjs/core';

/** The container of an application, by which all that is one application's is known. No public place has it. */
export function containerOf(moduleRef: ModuleRef): NestContainer {
  return (moduleRef as unknown as { container: NestContainer }).container;
}

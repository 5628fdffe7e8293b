import type { DynamicModule } from '@nestjs/common';

/** What the root imports: the module as it is with no resources, or nothing. The library is not even loaded then. */
export async function moduleImports(presence: string): Promise<DynamicModule[]> {
  if (presence !== 'with') return [];
  const { ResourcesModule } = await import('nestjs-resources');
  return [ResourcesModule.forRoot({ resources: {} })];
}

import type { CoordinatorOptions } from '../coordinator/coordinator-options.js';
import type { ProcessorDefinitions } from '../coordinator/processors/processor-definition.js';
import type { ResourceDefinitions } from '../coordinator/resource-definition.js';
import { InvalidOptionsError } from '../errors/invalid-options-error.js';
import { checkTypeName, definitionsOf } from '../options/definitions.js';

/**
 * Adds the processors of `forRoot()` to its resources. What makes them is loaded only where there are some.
 *
 * @throws InvalidOptionsError for one that can't work, or whose type is taken
 */
export async function withProcessors(
  options: CoordinatorOptions,
  processors: ProcessorDefinitions,
): Promise<CoordinatorOptions> {
  const { resourceOfProcessor } = await import('../coordinator/processors/processor-definition.js');
  const { resources = {} } = options;
  const made = definitionsOf(processors, 'processors').map(([type, definition]) => {
    checkTypeName(type, 'processors', 'pdf');
    if (Object.hasOwn(resources, type))
      throw new InvalidOptionsError(
        `processors.${type}`,
        'stands under "resources", too, and a type has one factory. Remove one of the two, or give it another name.',
        type,
      );
    return [type, resourceOfProcessor(definition, { at: `processors.${type}`, type })];
  });
  return { ...options, resources: { ...resources, ...(Object.fromEntries(made) as ResourceDefinitions) } };
}

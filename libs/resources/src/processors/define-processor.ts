import {
  type ProcessorDefinition,
  resourceOfProcessor,
} from '../coordinator/processors/processor-definition.js';
import type { ResourceDefinition } from '../coordinator/resource-definition.js';
import type { Processor } from './processor.decorator.js';

/**
 * A processor type's definition as that of any other resource, for `resources` and `forFeature()`. Where a factory and its pool's options are given one
 * after the other, as to `coordinator.register()` and to a `ResourcePool`, `const { pool, ...factory } = defineProcessor(...)`.
 *
 * @typeParam W the worker module: `typeof import('./pdf.worker.js')`
 * @throws InvalidOptionsError for an option that can't work, or a worker file that is not there
 */
export function defineProcessor<W = unknown>(
  definition: ProcessorDefinition,
): ResourceDefinition<Processor<W>> {
  return resourceOfProcessor<W>(definition, { at: 'processor' });
}

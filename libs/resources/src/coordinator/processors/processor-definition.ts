import { FACTORY_OF_TYPE, type FactoryOfType } from '../../hooks/factory-of-type.js';
import { FACTORY_ROOM, FACTORY_STATS } from '../../hooks/factory-stats.js';
import { OptionReader } from '../../options/option-reader.js';
import { readCreationOptions } from '../../pool/creation/creation-options.js';
import { ProcessorFactory } from '../../threads/processor-factory.js';
import {
  PROCESSOR_OPTIONS,
  type ProcessorOptions,
  readProcessorOptions,
} from '../../threads/processor-options.js';
import { poolOptionsFor } from '../../threads/processor-pool.js';
import type { ProcessorThread } from '../../threads/jobs/job-types.js';
import type { Clock } from '../../time/clock.js';
import type { ResourceDefinition } from '../resource-definition.js';
import type { ResourceTypes } from '../resource-types.js';
import { START_OPTIONS, type StartOptions } from '../starting/start-options.js';

/** A processor type: its worker, how its threads are made, and the options of its pool and of its start. */
export type ProcessorDefinition = ProcessorOptions & StartOptions;

/** Definitions by resource type: of those that are declared in `ResourceTypes`, if any are. */
export type ProcessorDefinitions = [keyof ResourceTypes] extends [never]
  ? Record<string, ProcessorDefinition>
  : { [K in keyof ResourceTypes]?: ProcessorDefinition };

/** Where a definition stands, for errors, and what its processors are called. */
export interface DefinitionPlace {
  /** Such as `processors.pdf`. */
  readonly at: string;
  readonly type?: string;
  /** Default: Node's. */
  readonly clock?: Clock;
}

/**
 * Makes a processor type's resource definition, which is registered as any other.
 *
 * @throws InvalidOptionsError for an option that can't work, or a worker file that is not there
 */
export function resourceOfProcessor<W = unknown>(
  definition: ProcessorDefinition,
  { at, type, clock }: DefinitionPlace,
): ResourceDefinition<ProcessorThread<W>> {
  const read = new OptionReader(at, type);
  read.group('', definition, [...PROCESSOR_OPTIONS, 'pool', ...START_OPTIONS]);
  const settings = readProcessorOptions(definition, at, type);
  const pool = poolOptionsFor(definition.pool, settings.graceful);
  const creation = readCreationOptions(new OptionReader(`${at}.pool`, type), pool.creation);
  const factory = new ProcessorFactory(type, settings, creation, clock);
  const { dependsOn, optional, startTimeout } = definition;
  const ofType: FactoryOfType<ResourceDefinition<ProcessorThread<W>>> = (name, time) =>
    resourceOfProcessor(definition, { at, type: name, clock: time });
  const resource = {
    create: factory.create.bind(factory),
    reset: factory.reset.bind(factory),
    destroy: factory.destroy.bind(factory),
    [FACTORY_STATS]: factory[FACTORY_STATS].bind(factory),
    [FACTORY_ROOM]: factory[FACTORY_ROOM].bind(factory),
    [FACTORY_OF_TYPE]: ofType,
    ...(dependsOn !== undefined && { dependsOn }),
    ...(optional !== undefined && { optional }),
    ...(startTimeout !== undefined && { startTimeout }),
    pool,
  };
  return resource; // what the worker exports, only its type says
}

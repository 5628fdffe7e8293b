import type { ResourceDefinitions } from '../../coordinator/resource-definition.js';

/** The definitions of one `forFeature()`, as a provider that the explorer finds. */
export class FeatureResources {
  constructor(readonly definitions: ResourceDefinitions) {}
}

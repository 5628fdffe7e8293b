export { type ResourcesHealth, ResourcesHealthIndicator } from './resources-health.indicator.js';
export { ResourcesTerminusModule } from './resources-terminus.module.js';

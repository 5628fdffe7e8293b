import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { ResourcesHealthIndicator } from './resources-health.indicator.js';

/** Provides {@link ResourcesHealthIndicator}. Needs `ResourcesModule.forRoot()` in the root module. */
@Module({
  imports: [TerminusModule],
  providers: [ResourcesHealthIndicator],
  exports: [ResourcesHealthIndicator],
})
export class ResourcesTerminusModule {}

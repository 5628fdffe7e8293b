import type { ProcessorDefinition } from 'nestjs-resources/processors';
import type { Settings } from '../settings.js';

/** The threads in which reports are rendered. */
export function reportProcessor({ processors: max, reportTimeout }: Settings): ProcessorDefinition {
  return {
    file: new URL('./report.worker.js', import.meta.url),
    // Parts of 64 KB as text: half a megabyte of a report whose reader is slow.
    highWaterMark: 8,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
    pool: {
      ...(max > 0 && { max }),
      acquireTimeout: '10s',
      maxWaiting: 20,
      // For the whole report: a reader who takes none of it must not keep the processor.
      maxLeaseTime: reportTimeout,
      queue: { order: 'fair' },
    },
  };
}

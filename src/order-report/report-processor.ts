import type { ProcessorDefinition } from 'nestjs-resources/processors';

/** The threads in which reports are rendered. @param max how many there may be; 0 for one less than there are CPUs */
export function reportProcessor(max: number): ProcessorDefinition {
  return {
    file: new URL('./report.worker.js', import.meta.url),
    // Parts of 64 KB as text: half a megabyte of a report whose reader is slow.
    highWaterMark: 8,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
    pool: {
      ...(max > 0 && { max }),
      acquireTimeout: '10s',
      maxWaiting: 20,
      maxLeaseTime: '2m',
      queue: { order: 'fair' },
    },
  };
}

import { ResourceCoordinator } from 'nestjs-resources';
import { defineProcessor } from 'nestjs-resources/processors';
import { seeded } from '../../../libs/resources/src/pool/seeded.fixture.js';

const [file = '', rounds = '0', seed = '0'] = process.argv.slice(2);
const random = seeded(Number(seed));

function begin(): { coordinator: ResourceCoordinator; loaded: Promise<unknown> } {
  const processor = defineProcessor({
    file: new URL(file, import.meta.url),
    execArgv: ['--no-warnings'],
    pool: { min: 1, max: 1 },
  });
  const coordinator = new ResourceCoordinator({ resources: { worker: processor } });
  return { coordinator, loaded: coordinator.warmUp().catch(() => undefined) };
}

/** Milliseconds that a thread takes to load. */
async function duration(): Promise<number> {
  const from = performance.now();
  const { coordinator, loaded } = begin();
  await loaded;
  const taken = performance.now() - from;
  await coordinator.cleanup();
  return taken;
}

// Ends threads that load their worker module, at any moment of that.
let longest = 0;
for (let round = 0; round < 3; round++) longest = Math.max(longest, await duration());
for (let round = 0; round < Number(rounds); round++) {
  const { coordinator, loaded } = begin();
  const end = performance.now() + random(longest);
  while (performance.now() < end) await new Promise(setImmediate);
  await coordinator.cleanup({ deadline: 0 });
  await loaded;
}

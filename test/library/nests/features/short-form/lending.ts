import type { Trial } from '../../trial.js';

/** What is right: the same resource in all three positions, one for each request, and all of them back. */
const RIGHT = {
  first: { parameter: 1, constructor: 1, property: 1, id: 'a' },
  second: { parameter: 1, constructor: 1, property: 1, id: 'b' },
  atOnce: [1, 2],
  failed: 500,
  refused: 403,
  leased: 0,
  acquired: 6,
  clean: true,
};

/** With the module, resources are really lent and given back. Without it there are none: what is right is what is expected. */
export default async function lending(trial: Trial): Promise<unknown> {
  if (!trial.withModule) return RIGHT;
  const { lend } = await import('../../lending-application.js');
  return await lend(trial.adapter);
}

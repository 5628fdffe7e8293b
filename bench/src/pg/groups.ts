import type { Group } from './comparison.js';

/** What `npm run bench:pg` compares. */
export const GROUPS: readonly Group[] = [
  {
    pairs: [
      ["ours, reset: 'auto'", 'pg.Pool by hand'],
      ["ours, reset: 'auto'", 'pg.Pool by hand, no module'],
      ["ours, reset: 'auto'", "ours, reset: 'discard'"],
    ],
    twice: 'pg.Pool by hand',
  },
];

import type { Group } from './group.js';

/** An ORM against itself, but for its pool, where it is used: in requests. */
function ormGroup(orm: 'Kysely' | 'Drizzle' | 'Knex' | 'TypeORM'): Group {
  return {
    pairs: [[`${orm} on our pool`, `${orm} on its own`]],
    twice: `${orm} on its own`,
    shapes: ['request'],
  };
}

/** What `npm run bench:pg` compares. */
export const GROUPS: readonly Group[] = [
  {
    pairs: [
      ["ours, reset: 'auto'", 'pg.Pool by hand'],
      ["ours, reset: 'auto'", 'pg.Pool by hand, no module'],
      ["ours, reset: 'auto'", "ours, reset: 'discard'"],
    ],
    twice: 'pg.Pool by hand',
    shapes: ['loan', 'request'],
  },
  ormGroup('Kysely'),
  ormGroup('Drizzle'),
  ormGroup('Knex'),
  ormGroup('TypeORM'),
];

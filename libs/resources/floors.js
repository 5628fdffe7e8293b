/**
 * The rooms of the house, from the ground up: a room imports only from floors below its own, and from itself. A new room is
 * one more name here; the lint and its test are made from these lists.
 */
export const FLOORS = [
  ['policies'],
  ['reports'],
  ['words'],
  ['errors'],
  ['time'],
  ['hooks'],
  ['options'],
  ['pool', 'cache'],
  ['scopes', 'lifecycle'],
  ['threads', 'transactions'],
  ['coordinator'],
  ['admin'],
  ['nest'],
  ['terminus', 'testing', 'processors', 'pg', 'cls'],
];

/** What comes from outside, and the lowest room that may let it in. */
export const FROM_OUTSIDE = [
  {
    name: 'rxjs',
    matches: '(^|node_modules/)rxjs(/|$)',
    lowest: 'coordinator',
    remedy: 'Report through a listener, and let coordinator/ make it an Observable.',
  },
  {
    name: 'NestJS',
    matches: '(^|node_modules/)@nestjs/',
    lowest: 'nest',
    remedy: 'Move the code up, or hand the value in.',
  },
  {
    name: 'piscina',
    matches: '(^|node_modules/)piscina(/|$)',
    lowest: 'threads',
    remedy: 'A thread is lent as a resource: ask the coordinator for one.',
  },
  {
    name: 'a driver of PostgreSQL',
    matches: '(^|node_modules/)(pg|pg-cursor|pg-native)(/|$)',
    lowest: 'pg',
    remedy: 'What knows of PostgreSQL stands in pg/.',
  },
  {
    name: 'a transport of Node',
    matches: '^(node:)?(http|https|http2|net|tls)$',
    lowest: 'admin',
    remedy: 'Move the code up, or hand the value in.',
  },
];

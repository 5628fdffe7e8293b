import { CALLS } from './calls.fixture.js';
import { COPIES } from './copies.fixture.js';
import { DECORATORS } from './decorators.fixture.js';
import { DEFINITIONS } from './definitions.fixture.js';
import { FACTORIES } from './factories.fixture.js';
import type { Misuse } from './misuse.fixture.js';
import { MODULE } from './module.fixture.js';
import { PLACES } from './places.fixture.js';
import { POSITIONS } from './positions.fixture.js';
import { VALUES } from './values.fixture.js';
import { WITHOUT_MODULE } from './without-module.fixture.js';

/** All misuses, by the heading under which the documentation tells of them. */
export const KINDS: Readonly<Record<string, readonly Misuse[]>> = {
  'The module': MODULE,
  'Two copies of the package': COPIES,
  'Without the module': WITHOUT_MODULE,
  Definitions: DEFINITIONS,
  'Factories of one type': FACTORIES,
  'What decorators are given': DECORATORS,
  'Where decorators stand': POSITIONS,
  'What they ask for, and where': PLACES,
  'Options and other values': VALUES,
  'Calls of the coordinator': CALLS,
};

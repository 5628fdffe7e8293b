import { DECORATORS } from './decorators.fixture.js';
import { DEFINITIONS } from './definitions.fixture.js';
import type { Misuse } from './misuse.fixture.js';
import { POSITIONS } from './positions.fixture.js';

/** All misuses, by the heading under which the documentation tells of them. */
export const KINDS: Readonly<Record<string, readonly Misuse[]>> = {
  Definitions: DEFINITIONS,
  'What decorators are given': DECORATORS,
  'Where decorators stand': POSITIONS,
};

import type { Contender } from './contender.js';
import { handReleased, withoutModule } from './hand-released.js';
import { ORMS } from './orms.js';
import { pooled } from './pooled-loans.js';

/** By the names that the report tells them by. */
export const CONTENDERS = {
  "ours, reset: 'auto'": pooled(),
  "ours, reset: 'discard'": pooled('discard'),
  'pg.Pool by hand': handReleased,
  'pg.Pool by hand, no module': withoutModule,
  ...ORMS,
} satisfies Record<string, Contender>;

export type ContenderName = keyof typeof CONTENDERS;
